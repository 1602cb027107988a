import { useCallback, useEffect, useRef, useState } from 'react';

import type { EstimatedDetection, StartPack } from '../../api/answers';
import { Failure, read } from '../../api/client';
import { useLive } from '../../live/useLive';

/** Milliseconds between two looks at a search that runs. */
const PAUSE = 500;

export interface Estimating {
    known: Map<string, EstimatedDetection>;
    failure: Failure | undefined;
    /** How many of the pack's detections are done, while it runs. */
    running: { done: number; of: number } | undefined;
    run: (pack: StartPack) => Promise<void>;
    stop: () => void;
}

/** A function, since it changes while the search is waited for. */
function wasStopped(ref: { current: boolean }): boolean {
    return ref.current;
}

/** What detections would have raised within the last 30 days: one search after the other, until it is stopped. */
export function useEstimates(): Estimating {
    const live = useLive('start_estimate', {}, { every: 0 });
    const [found, setFound] = useState<EstimatedDetection[]>([]);
    const [failure, setFailure] = useState<Failure | undefined>(undefined);
    const [running, setRunning] = useState<{ done: number; of: number } | undefined>(undefined);
    const isStopped = useRef(false);
    useEffect(() => {
        isStopped.current = false;
        return () => {
            isStopped.current = true;
        };
    }, []);
    const known = new Map([...(live.data?.estimates ?? []), ...found].map((one) => [one.detection, one]));

    const run = useCallback(async (pack: StartPack): Promise<void> => {
        isStopped.current = false;
        setFailure(undefined);
        let done = 0;
        setRunning({ done, of: pack.detections.length });
        try {
            for (const { detection } of pack.detections) {
                for (;;) {
                    if (wasStopped(isStopped)) return;
                    const answer = await read('start_estimate', { detection });
                    const [one] = answer.estimates;
                    if (!one || one.state !== 'running') {
                        if (one) setFound((before) => [...before, one]);
                        break;
                    }
                    await new Promise((resolve) => setTimeout(resolve, PAUSE));
                }
                done += 1;
                setRunning({ done, of: pack.detections.length });
            }
        } catch (error) {
            setFailure(error instanceof Failure ? error : new Failure(String(error), 0));
        } finally {
            setRunning(undefined);
        }
    }, []);
    const stop = useCallback(() => {
        isStopped.current = true;
    }, []);
    return { known, failure: failure ?? live.failure, running, run, stop };
}
