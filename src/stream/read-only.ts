import { operations, type Answer, type Input, type OperationName, type ReadStream } from '../model/stream.ts';

/**
 * The only Stream that a plan is given. What is not marked as a read is refused here, before a socket is opened, also
 * when a cast got it past the compiler: that is a bug of this tool, so it is an ordinary error.
 */
export function readOnly(send: (operation: OperationName, input: Input) => Promise<Answer>): ReadStream {
  return Object.freeze({
    read: async (operation: OperationName, input: Input = {}): Promise<Answer> => {
      requireEffect(operation, 'read');
      return send(operation, input);
    },
  });
}

/** Throws unless the operation is known and has this effect. */
export function requireEffect(operation: OperationName, effect: 'read' | 'write'): void {
  if (!Object.hasOwn(operations, operation) || operations[operation].effect !== effect) {
    throw new Error(`${String(operation)} is not among the operations that ${effect}, so it was not sent`);
  }
}
