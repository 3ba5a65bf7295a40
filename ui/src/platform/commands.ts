import { commands as generated } from '../generated/bindings';
import { TillError } from './error';

type Answer<T> = { status: 'ok'; data: T } | { status: 'error'; error: unknown };
type Unwrapped<F> = F extends (...args: infer A) => Promise<infer R>
  ? (
      ...args: A
    ) => Promise<
      R extends { status: 'ok'; data: infer T } ? T : R extends Answer<unknown> ? never : R
    >
  : never;
type Commands = { [K in keyof typeof generated]: Unwrapped<(typeof generated)[K]> };

function isAnswer(value: unknown): value is Answer<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'status' in value &&
    ((value.status === 'ok' && 'data' in value) || (value.status === 'error' && 'error' in value))
  );
}

/** Turns a generated command, which answers with a result, into one that returns or throws. */
function unwrap(call: (...args: never[]) => Promise<unknown>) {
  return async (...args: never[]): Promise<unknown> => {
    let answer: unknown;
    try {
      answer = await call(...args);
    } catch (thrown) {
      throw TillError.from(thrown);
    }
    if (!isAnswer(answer)) return answer;
    if (answer.status === 'ok') return answer.data;
    throw TillError.from(answer.error);
  };
}

/** Every command of the shell: returns what it answers, throws a {@link TillError}. */
export const commands = Object.fromEntries(
  Object.entries(generated).map(([name, call]) => [
    name,
    unwrap(call as (...args: never[]) => Promise<unknown>),
  ]),
) as unknown as Commands;
