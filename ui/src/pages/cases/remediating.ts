/** What a remediation comes to in each mode, for people who ask for one. */
import type { RemediationPreview } from '../../api/answers';

export type Mode = '' | 'simulate' | 'approve' | 'enforce';

const ORDER = ['simulate', 'approve', 'enforce'] as const;
export const MODES: Record<Mode, string> = {
    '': 'As set on the Safety tab',
    simulate: 'Simulate',
    approve: 'Approve',
    enforce: 'Enforce',
};

/** Those that may be asked for where `highest` is the most that any ceiling allows. */
export function modesUpTo(highest: string): Mode[] {
    return ['', ...ORDER.slice(0, ORDER.indexOf(highest as (typeof ORDER)[number]) + 1)];
}

/** The mode that it comes to, the verb of the button, and a sentence. */
export function comesTo(plan: RemediationPreview, asked: Mode): { mode: string; verb: string; text: string } {
    const mode = asked || plan.default_mode;
    if (mode === 'simulate') {
        return { mode, verb: 'Simulate', text: 'Nothing is changed in AWS: ticket and thread show the plan.' };
    }
    if (mode === 'enforce' && !plan.unproved) {
        return { mode, verb: 'Remediate', text: 'The change is made now, within the limits of the Safety tab.' };
    }
    const text = 'The plan waits for an approval. With four eyes, somebody else has to give it.';
    return { mode, verb: 'Ask for an approval', text: [plan.unproved, text].filter(Boolean).join(' ') };
}
