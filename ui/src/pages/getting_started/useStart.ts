import { useCallback, useEffect, useRef, useState } from 'react';

import type { Start, StartChoice } from '../../api/answers';
import { act, Failure } from '../../api/client';
import { type Live, useLive } from '../../live/useLive';
import { posted } from './steps';

export interface Choosing {
    choice: StartChoice | undefined;
    failure: Failure | undefined;
    /** Takes the failure away, once somebody has looked. */
    looked: () => void;
    /** Keeps a change of the choice on the server; one after the other. */
    choose: (changes: Partial<StartChoice>) => void;
    /** Settles once everything that was chosen is kept. */
    kept: () => Promise<void>;
    /** Of what is kept. */
    revision: () => number;
}

/** How far it has come, asked again every ten seconds. */
export function useStart(): Live<Start> {
    return useLive('start', {});
}

/** The choice as it is on the server, with what was changed here and is on its way. */
export function useChoice(live: Live<Start>): Choosing {
    const [draft, setDraft] = useState<StartChoice | undefined>(undefined);
    const [failure, setFailure] = useState<Failure | undefined>(undefined);
    const newest = useRef<StartChoice | undefined>(undefined);
    const queue = useRef<Promise<void>>(Promise.resolve());
    const waiting = useRef(0);
    const stored = live.data?.choice;
    const { refresh } = live;
    /** As the server had it last. */
    const onServer = useRef<StartChoice | undefined>(undefined);

    useEffect(() => {
        // What somebody else has chosen since; not while something of ours is on its way.
        if (stored && waiting.current === 0) {
            newest.current = stored;
            onServer.current = stored;
            setDraft(undefined);
        }
    }, [stored]);

    const choose = useCallback(
        (changes: Partial<StartChoice>): void => {
            if (!newest.current) return;
            newest.current = { ...newest.current, ...changes };
            setDraft(newest.current);
            setFailure(undefined);
            waiting.current += 1;
            queue.current = queue.current.then(async () => {
                try {
                    // Of several changes that wait, the last one sends all.
                    if (waiting.current > 1) return;
                    const sent = newest.current as StartChoice;
                    const { revision } = (await act('start_choice', posted(sent))) as { revision: number };
                    newest.current = { ...(newest.current as StartChoice), revision };
                    onServer.current = { ...sent, revision };
                } catch (error) {
                    // What was not kept is not shown as if it were.
                    newest.current = onServer.current;
                    setDraft(undefined);
                    setFailure(error instanceof Failure ? error : new Failure(String(error), 0));
                } finally {
                    waiting.current -= 1;
                }
                if (waiting.current === 0) await refresh();
            });
        },
        [refresh]
    );
    const looked = useCallback(() => setFailure(undefined), []);
    const kept = useCallback(() => queue.current, []);
    const revision = useCallback(() => newest.current?.revision ?? 0, []);
    return { choice: draft ?? stored, failure, looked, choose, kept, revision };
}
