import { describe, expect, it } from 'vitest';

import { isFiltered, question } from './filters';

const address = (text: string) => new URLSearchParams(text);

describe('the queue as its address has it', () => {
    it('asks for what is named and for nothing else', () => {
        expect(question(address('state=approval&actor=mallory&page=3&other=1'))).toEqual({
            state: 'approval',
            actor: 'mallory',
            page: 2,
            count: 50,
        });
    });

    it('is not filtered by its order', () => {
        expect(isFiltered(address('sort=severity'))).toBe(false);
        expect(isFiltered(address('severity=high'))).toBe(true);
    });
});
