/** Money and quantities as text. Formats and parses; never computes. */
export { editableAmount, formatAmount, parseAmount, type Currency } from './amount';
export { MINUS, formatDecimal, marks, parseDecimal } from './decimal';
