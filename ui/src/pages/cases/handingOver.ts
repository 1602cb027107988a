/** An event handed over to an alert action, as an alert with that one result would. */
import { act } from '../../api/client';
import { outcome, type Said } from '../../components/outcomes';

export interface HandedOver {
    /** The case that it is in; empty where it was not taken, and then `said` says why. */
    case: string;
    said: Said;
}

/** `about`: `{event, at}`. */
export async function handOver(
    about: Record<string, string>,
    action: 'create_ticket' | 'remediate',
    parameters: Record<string, string>
): Promise<HandedOver> {
    return handedOver(await act('hand_over', { ...about, action, parameters }));
}

/** Of the answer for one row. */
export function handedOver(answer: unknown): HandedOver {
    const { rows } = (answer ?? {}) as { rows?: unknown };
    const row = (Array.isArray(rows) ? rows[0] : undefined) as { task?: unknown; said?: unknown } | undefined;
    if (typeof row?.task === 'string' && row.task) {
        return { case: row.task.split('.')[0] ?? '', said: outcome(answer, 'Handed over.') };
    }
    const text = typeof row?.said === 'string' ? row.said : 'The answer does not say what became of it. Look at Cases.';
    return { case: '', said: { title: 'Not handed over', text, kind: 'error' } };
}
