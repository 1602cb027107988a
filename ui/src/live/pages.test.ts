import { expect, it } from 'vitest';

import { pageOf } from './pages';

it('begins with the first page whatever the address says', () => {
    const page = (text: string, most?: number) => pageOf(new URLSearchParams(text), most);
    expect(['', 'page=0', 'page=-1', 'page=x', 'page=1.5', 'page=99999'].map((one) => page(one))).toEqual([0, 0, 0, 0, 0, 0]);
    expect([page('page=3'), page('page=3', 2)]).toEqual([2, 0]);
});
