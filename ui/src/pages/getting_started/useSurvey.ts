import { useCallback, useEffect, useRef, useState } from 'react';

import type { StartSurvey } from '../../api/answers';
import { Failure, read } from '../../api/client';
import { join } from '../../live/again';

export interface Surveying {
    data: StartSurvey | undefined;
    failure: Failure | undefined;
    isRunning: boolean;
    /** Looks at the days that are left, a few with each request; `again`: at all of them. */
    run: (again: boolean) => Promise<void>;
    refresh: () => Promise<void>;
}

/** What the last 30 days have shown. It searches a lot, so it only begins when somebody asks for it. */
export function useSurvey(isAsked: boolean): Surveying {
    const [data, setData] = useState<StartSurvey | undefined>(undefined);
    const [failure, setFailure] = useState<Failure | undefined>(undefined);
    const [isRunning, setRunning] = useState(false);
    const alive = useRef(true);

    const ask = useCallback(async (body: Record<string, unknown>): Promise<StartSurvey | undefined> => {
        try {
            const answer = await read('start_survey', body);
            if (alive.current) setData(answer);
            setFailure(undefined);
            return answer;
        } catch (error) {
            setFailure(error instanceof Failure ? error : new Failure(String(error), 0));
            return undefined;
        }
    }, []);

    useEffect(() => {
        alive.current = true;
        const leave = isAsked ? join(async () => (await ask({})) !== undefined) : undefined;
        if (isAsked) void ask({});
        return () => {
            alive.current = false;
            leave?.();
        };
    }, [ask, isAsked]);

    const run = useCallback(
        async (again: boolean): Promise<void> => {
            setRunning(true);
            let answer = await ask({ go_on: true, again });
            while (alive.current && answer && answer.days_done < answer.days) answer = await ask({ go_on: true });
            setRunning(false);
        },
        [ask]
    );
    const refresh = useCallback(async () => {
        await ask({});
    }, [ask]);
    return { data, failure, isRunning, run, refresh };
}
