import type { UndoPreview } from '../api/answers';

/** What an undo comes to, in a sentence; empty where it is refused and nobody has looked what it would put back. */
export function whatItPutsBack(plan: Pick<UndoPreview, 'changes' | 'left' | 'refused'>): string {
    if (plan.changes.length > 0) {
        return 'This puts back in AWS what was there before. What was found is then possible again.';
    }
    if (plan.refused) return '';
    return plan.left
        ? 'Nothing can be put back in AWS now.'
        : 'Everything in AWS is as it was before the remediation. The undo only closes it.';
}
