import { describe, expect, it } from 'vitest';

import type { RemediationPreview } from '../../api/answers';
import { comesTo, modesUpTo } from './remediating';

const plan = { highest_mode: 'enforce', default_mode: 'approve', unproved: '' } as RemediationPreview;

describe('what a remediation comes to', () => {
    it('offers no mode above the ceiling', () => {
        expect(modesUpTo('approve')).toEqual(['', 'simulate', 'approve']);
        expect(modesUpTo('simulate')).toEqual(['', 'simulate']);
    });

    it('follows the Safety tab where no mode is chosen', () => {
        expect(comesTo(plan, '').verb).toBe('Ask for an approval');
        expect(comesTo(plan, 'enforce').verb).toBe('Remediate');
    });

    it('asks a person where the finding is not proved', () => {
        const doubted = comesTo({ ...plan, unproved: 'The finding is not proved: no record.' }, 'enforce');
        expect(doubted.verb).toBe('Ask for an approval');
        expect(doubted.text).toContain('not proved');
    });
});
