import { randomUUID } from 'node:crypto';
import { notFound } from './errors.ts';
import type { JsonObject } from './json.ts';
import type { Call, Route } from './router.ts';
import type { State, Task } from './state.ts';
import { timeText } from './time.ts';

/** Reading the reports of asynchronous jobs. */
export const taskRoutes: readonly Route[] = [
  { method: 'GET', path: '/tasks/:id', operation: 'GetTask', access: 'server', answer: get },
];

/** Reports older than this many newer ones are dropped. */
const keptTasks = 10_000;

/** Records a job whose work is done already, and gives its id; its report says so after the propagation time. */
export function recordTask(call: Pick<Call, 'state' | 'time'>, result: JsonObject, batch = false): string {
  const { tasks, clock } = call.state;
  const task_id = randomUUID();
  tasks.set(task_id, {
    task_id,
    created_at: call.time,
    finished_at: (clock.now() + clock.propagationMs) * 1000,
    result,
    batch,
  });
  const [oldest] = tasks.keys();
  if (tasks.size > keptTasks && oldest !== undefined) tasks.delete(oldest);
  return task_id;
}

function get({ state, parameters }: Call): object {
  const id = parameters['id'] ?? '';
  const task = state.tasks.get(id);
  if (task === undefined) throw notFound(`Can't find task with id ${id}`);
  return answerOf(state, task);
}

function answerOf(state: State, task: Task): object {
  const done = state.clock.now() * 1000 >= task.finished_at;
  const common = {
    task_id: task.task_id,
    created_at: timeText(task.created_at),
    updated_at: timeText(done ? Math.max(task.created_at, task.finished_at) : task.created_at),
  };
  if (!task.batch)
    return { ...common, status: done ? 'completed' : 'running', ...(done ? { result: task.result } : {}) };
  const result = done
    ? { ...task.result, status: 'completed', finished_at: timeText(task.finished_at) }
    : {
        operation: task.result['operation'],
        status: 'started',
        success_channels_count: 0,
        failed_channels: [],
      };
  return { ...common, status: 'completed', result };
}
