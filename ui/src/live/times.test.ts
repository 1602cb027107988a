import { describe, expect, it } from 'vitest';

import { duration, relative } from './times';

describe('times', () => {
    it('say how long in the two largest units', () => {
        expect(duration(3 * 86_400 + 4 * 3_600 + 59)).toBe('3 d 4 h');
        expect(duration(2 * 3_600 + 5 * 60)).toBe('2 h 5 min');
        expect(duration(45 * 60)).toBe('45 min');
        expect(duration(59)).toBe('less than a minute');
        expect(duration(-5)).toBe('less than a minute');
    });

    it('say when in the largest unit', () => {
        expect(relative(1_000, 1_030)).toBe('just now');
        expect(relative(1_000, 1_000 + 2 * 3_600 + 300)).toBe('2 h ago');
        expect(relative(1_000 + 86_400 * 2, 1_000)).toBe('in 2 d');
    });
});
