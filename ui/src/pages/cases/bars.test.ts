import { describe, expect, it } from 'vitest';

import type { ActorView, CallSlot } from '../../api/answers';
import { barsOf, HEIGHT, MARK, stepsOf, WIDTH } from './bars';

const slot = (reads: number, changes: number, denied: number): CallSlot => ({
    since: 0,
    until: 1,
    reads,
    changes,
    denied,
    names: [],
});

describe('the picture of calls', () => {
    it('stacks the kinds, the highest as high as there is room', () => {
        const { bars, most } = barsOf([slot(6, 2, 2), slot(0, 0, 0), slot(0, 5, 0)]);
        expect(most).toBe(10);
        expect(bars.map(({ kind }) => kind)).toEqual(['changes', 'reads', 'denied', 'changes']);
        expect(bars[2]?.y).toBe(HEIGHT.top);
    });

    it('shows one call among thousands', () => {
        expect(barsOf([slot(10_000, 1, 0)]).bars[0]?.height).toBe(2);
    });

    it('marks what was changed within the window only', () => {
        const steps = [{ at: 5 }, { at: 50 }, { at: 500 }];
        const view = { since: 0, until: 100, steps } as ActorView;
        expect(stepsOf(view).map(({ x }) => x)).toEqual([0.05 * WIDTH, 0.5 * WIDTH]);
        expect(stepsOf({ ...view, since: 5 }).map(({ x }) => x)[0]).toBe(MARK);
    });
});
