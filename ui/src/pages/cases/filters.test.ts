import { describe, expect, it } from 'vitest';

import { isFiltered, pageOf, question } from './filters';

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

    it('begins with the first page whatever the address says', () => {
        expect(['', 'page=0', 'page=-1', 'page=x', 'page=1.5', 'page=99999'].map((one) => pageOf(address(one)))).toEqual(
            [0, 0, 0, 0, 0, 0]
        );
    });

    it('is not filtered by its order', () => {
        expect(isFiltered(address('sort=severity'))).toBe(false);
        expect(isFiltered(address('severity=high'))).toBe(true);
    });
});
