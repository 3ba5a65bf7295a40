import type { AppError, ErrorCode } from '../generated/bindings';

/** What went wrong, with the code that decides what the window does about it. */
export class TillError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: unknown = null,
  ) {
    super(message);
    this.name = 'TillError';
  }

  /** Anything that was thrown, as an error with a code. */
  static from(thrown: unknown): TillError {
    if (thrown instanceof TillError) return thrown;
    if (isAppError(thrown)) return new TillError(thrown.code, thrown.message, thrown.details);
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new TillError('internal', message);
  }
}

function isAppError(value: unknown): value is AppError {
  return (
    typeof value === 'object' &&
    value !== null &&
    'code' in value &&
    typeof value.code === 'string' &&
    'message' in value &&
    typeof value.message === 'string'
  );
}
