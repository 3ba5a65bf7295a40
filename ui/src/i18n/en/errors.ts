/** What went wrong: what happened, whether the money is safe, what to do. By code, never by text. */
export const errors = {
  'error.not_set_up': 'This till is not set up yet. Close the program and open it again.',
  'error.already_set_up': 'This till is set up already. Close the program and open it again.',
  'error.identity_needed':
    'This register’s database was copied, moved or set back. No sale is lost. Nothing goes to the cloud until a manager gives the register an identity of its own.',
  'error.invalid_input': 'Something in the input is not right. Nothing was changed.',
  'error.unknown_product': 'This product is no longer in the catalogue. Nothing was added.',
  'error.unknown_barcode': 'No product has this barcode. Nothing was added. Type its name instead.',
  'error.quantity_needed': 'This is sold by weight. Nothing was added. Type the kilograms.',
  'error.invalid_quantity': 'This quantity cannot be sold. Nothing was changed. Type another.',
  'error.invalid_amount':
    'This is not an amount that can be used. Nothing was changed. Type another.',
  'error.amount_too_large': 'This amount is too large. Nothing was changed. Split the sale.',
  'error.discount_too_large':
    'The discount is larger than the price. Nothing was changed. Give a smaller one.',
  'error.cart_empty': 'The cart is empty. Scan a product first.',
  'error.cart_too_large': 'The cart is full. Take payment for it, then start another.',
  'error.cart_changed':
    'The cart has changed meanwhile. Nothing was charged. Check the total and pay again.',
  'error.cart_paid_differently':
    'This cart was already paid, in another way. The first sale counts and is safe; look it up in the recent sales.',
  'error.payment_too_small':
    'The payment does not cover the total. Nothing was booked. Take the rest.',
  'error.reference_missing':
    'This payment needs a reference. Nothing was booked. Type it from the slip.',
  'error.card_number_refused':
    'That looks like a card number. It is never stored. Type the terminal’s reference instead.',
  'error.tender_exceeds_due':
    'This is more than what is due. Only cash gives change. Type a smaller amount.',
  'error.not_found': 'There is nothing under this number. Check it and try again.',
  'error.not_permitted': 'This person may not do that. Ask a manager.',
  'error.reason_missing': 'A reason is needed. Nothing was changed.',
  'error.choice_not_available':
    'This choice is not possible here. Nothing was changed. Take another.',
  'error.already_resolved': 'Somebody has already decided this. The list is up to date now.',
  'error.catalogue_invalid': 'The file has lines that are wrong. Nothing was imported.',
  'error.file_unreadable':
    'The file cannot be read. Nothing was changed. Check that it is a CSV in UTF-8.',
  'error.database_newer':
    'A newer version of Counterfoil wrote this database. All sales are safe. Install the newer version to go on.',
  'error.database_damaged':
    'The database on this disk is damaged. Stop selling here. Sales that reached the cloud are safe. Restore the last backup with “counterfoilctl restore”.',
  'error.database_locked':
    'Another program holds the database. All sales are safe. Close the other program and try again.',
  'error.database_read_only':
    'The data folder cannot be written to. Nothing was booked, earlier sales are safe. Give this user the right to write there.',
  'error.disk_full':
    'The disk is full. Nothing was booked, earlier sales are safe. Free some space and try again.',
  'error.database_failed':
    'The database did not answer as it should. Nothing was booked. Try again; if it stays, restart.',
  'error.not_connected': 'No cloud is connected. Sales are safe on this register.',
  'error.register_changed':
    'This register’s connection was changed, or it became another register, while its books were being checked. What was found is about what it was before and does not count. Sales are safe. Check again.',
  'error.store_differs':
    'The cloud holds another store than the one this register knows. Nothing was sent, sales are safe here. Check project and store.',
  'error.sales_elsewhere':
    'Sales of this register are in another store already, and would stay there. Nothing was changed. Whoever set up the store can switch with “counterfoilctl sync connect --switch”.',
  'error.sync_locked':
    'Another program is syncing this register now. Sales are safe. Wait for it to end.',
  'error.cloud_unreachable':
    'The cloud cannot be reached. Sales are safe on this register and go up later by themselves.',
  'error.cloud_refused': 'The cloud refused this. Sales are safe on this register.',
  'error.cloud_contradicts':
    'The cloud says that a sale is there already, and does not show it. The sale is safe on this register and is tried again by itself.',
  'error.sign_in_needed':
    'This register is not signed in to the cloud. Sales are safe on this register and wait. A manager signs it in.',
  'error.wrong_password':
    'The account is not known, or the password is another one. Nothing was changed, sales are safe here. Check both and try again.',
  'error.account_disabled':
    'The account was disabled. Sales are safe on this register and wait. Have it enabled in the Firebase console, or sign this register in anew.',
  'error.sign_in_ended':
    'The sign-in has ended. Sales are safe on this register and wait. A manager signs it in anew.',
  'error.signed_in_elsewhere':
    'This register was signed in at Google and the program was started for an emulator, or the other way round. Its key was not sent. Sales are safe on this register and wait. Start the program as it was then, or a manager signs the register in anew.',
  'error.wrong_project':
    'The web API key does not belong to this project. Sales are safe on this register. Connect again with the right key.',
  'error.sign_in_closed':
    'This Firebase project lets nobody sign in with e-mail and password. Sales are safe on this register. Whoever set it up can enable that.',
  'error.sign_up_closed':
    'This Firebase project lets nobody make accounts. Nothing was changed, sales are safe here. Whoever set it up switches that on while registers are enrolled.',
  'error.too_many_attempts':
    'There were too many attempts. Sales are safe on this register. Wait a few minutes and try again.',
  'error.keychain_locked':
    'The keychain of this computer is locked. Sales are safe on this register and go up by themselves once it is unlocked.',
  'error.keychain_closed':
    'The keychain of this computer is locked or does not answer. Nobody was signed in and nothing was changed, sales are safe here. Unlock it and sign in again.',
  'error.prefix_taken':
    'Another register of this store prints receipts {prefix}: {register}. Nothing was changed, sales are safe here. Give this register another prefix: counterfoilctl sync identity --new --receipt-prefix B --by NAME',
  'error.prefix_shared':
    'Another register of this store, {register}, prints receipts {prefix} too, and came first: a receipt of each can have the same number. No sale is lost; all keep their numbers and go up. Give this register a prefix of its own: it counts from the next sale on.',
  'error.unsynced_sales':
    'Sales of this register are not in the cloud yet. They stay here until somebody signs in again.',
  'error.not_allowed':
    'The cloud does not let this register in. Sales are safe on this register and wait. Ask whoever set up the store to add it.',
  'error.timeout': 'There was no answer in time. Sales are safe on this register. Try again.',
  'error.internal':
    'This did not work, and the log says why. Check the recent sales before you charge again.',
} as const;
