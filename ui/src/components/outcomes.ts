/** What came of a decision, for whoever has made it. */
import { stateOf } from './states';

/** `title`: how it stands now, where there is more to say than `text`. */
export interface Said {
    title: string;
    text: string;
    kind: 'success' | 'info' | 'warning' | 'error';
}

export const NOTHING_SAID: Said = { title: '', text: '', kind: 'success' };

export function done(text: string): Said {
    return { ...NOTHING_SAID, text };
}

/** What a run has come to: as the endpoints' TaskReport. */
interface Report {
    state: string;
    waiting_for: string;
    /** How a remediation stands, in words; empty for what is none, or is not over yet. */
    text: string;
    message: string;
}

/**
 * `did`: what was done by the answer itself, where its task goes no further yet. `isNo`: it was to keep something from
 * being done, so that a refusal is what was wanted.
 */
export function outcome(answer: unknown, did: string, isNo = false): Said {
    const { message, reports, missing } = (answer ?? {}) as { message?: unknown; reports?: unknown; missing?: unknown };
    if (typeof message === 'string' && message) return done(message);
    const report = Array.isArray(reports) ? (reports[0] as Report | undefined) : undefined;
    if (report) {
        const stands = report.text || stateOf(report);
        const title = report.text ? stands : `${did} ${stands}`.trim();
        return { title, text: report.message, kind: kindOf(report, isNo) };
    }
    if (typeof missing === 'number' && missing > 0) {
        const more = missing === 1 ? 'one more approval' : `${missing} more approvals`;
        return { title: 'Your approval counts', text: `It is carried out after ${more}.`, kind: 'info' };
    }
    return done(did);
}

function kindOf({ state, waiting_for }: Report, isNo: boolean): Said['kind'] {
    if (state === 'done' || (isNo && state === 'refused')) return 'success';
    if (state === 'refused' || state === 'failed') return 'error';
    return waiting_for === 'approval' ? 'info' : 'warning';
}
