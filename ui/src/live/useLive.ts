import { useCallback, useEffect, useRef, useState } from 'react';

import type { Answers } from '../api/answers';
import { Failure, read } from '../api/client';
import { join } from './again';

/** Seconds between two looks, and after a failure. */
const EVERY = 10;
const AFTER_FAILURE = 20;

export interface Live<Answer> {
    /** The newest answer to the present question; what was there before stays while it is asked again. */
    data: Answer | undefined;
    failure: Failure | undefined;
    /** Whether `data` answers the question before, until the present one is answered (option `keep`). */
    isOld: boolean;
    /** Ask again now; settles once the answer is there, or it has failed. */
    refresh: () => Promise<void>;
}

/**
 * Asks an endpoint again and again, as long as somebody looks at the page. Another `body` is another question.
 *
 * `keep`: what was shown stays until another question is answered, so that a list does not jump when it is filtered.
 * `every`: seconds between two looks; 0 for what is asked once, and again only by `refresh`, since it asks services outside.
 */
export function useLive<Name extends keyof Answers>(
    endpoint: Name,
    body: Record<string, unknown>,
    { keep = false, every = EVERY }: { keep?: boolean; every?: number } = {}
): Live<Answers[Name]> {
    const question = JSON.stringify(body);
    const [known, setKnown] = useState<{ question: string; data?: Answers[Name]; failure?: Failure | undefined }>({
        question,
    });
    const asked = useRef<AbortController | undefined>(undefined);
    const timer = useRef<number | undefined>(undefined);

    /** Gives whether this was answered. */
    const ask = useCallback(async (): Promise<boolean> => {
        asked.current?.abort();
        window.clearTimeout(timer.current);
        const controller = new AbortController();
        asked.current = controller;
        let wait = every;
        let isAnswered = true;
        try {
            const data = await read(endpoint, JSON.parse(question) as Record<string, unknown>, controller.signal);
            if (controller.signal.aborted) return false;
            setKnown({ question, data });
        } catch (error) {
            if (controller.signal.aborted) return false;
            isAnswered = false;
            const failure = error instanceof Failure ? error : new Failure(String(error), 0);
            setKnown((before) => ({ ...(before.question === question ? before : { question }), failure }));
            // Who may not see it will not in a minute; who is signed out has to sign in.
            if (failure.isForbidden || failure.isSignedOut) return false;
            wait = AFTER_FAILURE;
        }
        if (!every) return isAnswered;
        timer.current = window.setTimeout(() => {
            if (document.visibilityState === 'visible') void ask();
        }, wait * 1000);
        return isAnswered;
    }, [endpoint, question, every]);

    useEffect(() => {
        const look = () => {
            if (every && document.visibilityState === 'visible') void ask();
        };
        void ask();
        const leave = join(ask);
        document.addEventListener('visibilitychange', look);
        return () => {
            leave();
            document.removeEventListener('visibilitychange', look);
            window.clearTimeout(timer.current);
            asked.current?.abort();
        };
    }, [ask, every]);

    const refresh = useCallback(async () => {
        await ask();
    }, [ask]);
    const isOld = known.question !== question;
    return {
        data: isOld && !keep ? undefined : known.data,
        failure: isOld ? undefined : known.failure,
        isOld,
        refresh,
    };
}
