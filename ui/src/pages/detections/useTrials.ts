import { useEffect, useRef, useState } from 'react';

import type { DetectionRow } from '../../api/answers';
import { Failure, read } from '../../api/client';
import { search } from '../../api/search';

/** Days that a trial of several looks back. */
export const DAYS = 30;

/** What a detection would have raised; `failure` where that could not be found out. */
export interface Trial {
    findings: number;
    cases: number;
    failure?: string;
}

export interface Trials {
    found: ReadonlyMap<string, Trial>;
    /** How many are left, the one that runs included; 0 while none runs. */
    left: number;
    running: string;
    start: (rows: DetectionRow[]) => Promise<void>;
    stop: () => void;
}

/** Runs detections over the past one after the other: each is a search with the rights of whoever looks. */
export function useTrials(): Trials {
    const [found, setFound] = useState<ReadonlyMap<string, Trial>>(new Map());
    const [running, setRunning] = useState({ detection: '', left: 0 });
    const controller = useRef<AbortController | undefined>(undefined);
    useEffect(() => () => controller.current?.abort(), []);
    const start = async (rows: DetectionRow[]): Promise<void> => {
        controller.current?.abort();
        const mine = new AbortController();
        controller.current = mine;
        for (const [number, row] of rows.entries()) {
            setRunning({ detection: row.detection, left: rows.length - number });
            const trial = await one(row.detection, mine.signal);
            if (mine.signal.aborted) return;
            if (trial) setFound((before) => new Map(before).set(row.detection, trial));
        }
        setRunning({ detection: '', left: 0 });
    };
    const stop = () => {
        controller.current?.abort();
        setRunning({ detection: '', left: 0 });
    };
    return { found, left: running.left, running: running.detection, start, stop };
}

async function one(detection: string, signal: AbortSignal): Promise<Trial | undefined> {
    try {
        const { trial } = await read('detection', { detection }, signal);
        const { rows } = await search(`${trial}\n${COUNTED}`, DAYS, 1, signal, () => undefined);
        return { findings: Number(rows[0]?.findings ?? 0), cases: Number(rows[0]?.cases ?? 0) };
    } catch (error) {
        if (signal.aborted) return undefined;
        return { findings: 0, cases: 0, failure: error instanceof Failure ? error.message : String(error) };
    }
}

const COUNTED = '| stats count AS findings dc(dedup_key) AS cases';
