/** The one place that knows what a scanner's input looks like. */
export { DEFAULT_TIMING, ScanDetector, type KeyVerdict, type ScanTiming } from './detector';
export { SCAN_FIELD, listenForScans } from './listen';
export { InOrder } from './queue';
