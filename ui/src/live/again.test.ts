import { describe, expect, it } from 'vitest';

import { join, lookAgain } from './again';

describe('looking again', () => {
    it('asks each question that is shown, and says whether all were answered', async () => {
        const asked: string[] = [];
        const question = (name: string, isAnswered: boolean) => () => {
            asked.push(name);
            return Promise.resolve(isAnswered);
        };
        const leave = [join(question('cases', true)), join(question('limits', true))];
        expect(await lookAgain()).toBe(true);
        leave.push(join(question('health', false)));
        expect(await lookAgain()).toBe(false);
        leave.forEach((one) => one());
        expect(await lookAgain()).toBe(true);
        expect(asked).toEqual(['cases', 'limits', 'cases', 'limits', 'health']);
    });
});
