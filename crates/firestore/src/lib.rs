//! Remote over Cloud Firestore.
