import { StreamFailure, type Answer, type Stream, type WriteOperation } from '../model/stream.ts';
import { textAt, treeAt } from './values.ts';

const POLL_MS = 1_000;
const PATIENCE_MS = 180_000;

/**
 * Waits for the task that an answer names, if it names one. Stream works bulk operations off in the background; a
 * task may be unknown for a moment after it was made, and its result can fail for single items.
 */
export async function finished(stream: Stream, operation: WriteOperation, answer: Answer): Promise<void> {
  const id = textAt(answer, 'task_id');
  if (id === undefined) return;
  for (let waited = 0; waited < PATIENCE_MS; waited += POLL_MS) {
    const task = await taskOrUndefined(stream, id);
    const status = task === undefined ? undefined : textAt(task, 'status');
    if (status === 'failed') {
      const why = textAt(treeAt(task?.['error']), 'description') ?? 'Stream gave no reason';
      throw new StreamFailure('refused', operation, `the task failed: ${why}`);
    }
    if (status === 'completed') {
      const bad = failedItems(task?.['result']);
      if (bad.length > 0)
        throw new StreamFailure('refused', operation, `the task failed for ${bad.join('; ')}`);
      return;
    }
    await stream.wait(waited === 0 ? POLL_MS / 10 : POLL_MS);
  }
  throw new StreamFailure('unclear', operation, `task ${id} is still running after ${PATIENCE_MS / 1000} s`);
}

async function taskOrUndefined(stream: Stream, id: string): Promise<Answer | undefined> {
  try {
    return await stream.read('GetTask', { path: { id } });
  } catch (error) {
    if (error instanceof StreamFailure && (error.reason === 'missing' || error.status === 404))
      return undefined;
    throw error;
  }
}

function failedItems(result: unknown): readonly string[] {
  return Object.entries(treeAt(result)).flatMap(([item, outcome]) => {
    const status = textAt(treeAt(outcome), 'status');
    return status === undefined || status === 'ok'
      ? []
      : [`${item}: ${textAt(treeAt(outcome), 'error') ?? status}`];
  });
}
