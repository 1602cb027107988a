import Button from '@splunk/react-ui/Button';
import Message from '@splunk/react-ui/Message';
import Modal from '@splunk/react-ui/Modal';
import { useEffect, useRef, useState } from 'react';

import type { KeptList, ListEntry } from '../../api/answers';
import { Failure, read } from '../../api/client';
import { search } from '../../api/search';
import { Code, Muted } from '../../components/layout';

export interface Asked {
    list: KeptList;
    entry: ListEntry;
    opener: HTMLElement;
}

const DAYS = 30;

/** What an entry kept from being found, detection by detection, with the rights of whoever looks. */
export function SilencedDialog({ asked, close }: { asked: Asked | undefined; close: () => void }) {
    if (!asked) return null;
    return <Dialog key={asked.entry.key} {...asked} close={close} />;
}

function Dialog({ list, entry, opener, close }: Asked & { close: () => void }) {
    const { found, done, total, failure } = useSilenced(list.lookup, entry.key);
    const sum = found.reduce((all, one) => all + one.findings, 0);
    return (
        <Modal
            open
            initialFocus="container"
            returnFocus={() => {
                opener.focus();
            }}
            onRequestClose={close}
            style={{ width: 'min(640px, 92vw)' }}
        >
            <Modal.Header title={`Silenced within ${DAYS} days`} />
            <Modal.Body>
                <p>
                    <Code>{Object.values(entry.values).find(Boolean)}</Code>{' '}
                    <Muted>
                        The detections that are on run as you, over events that you may search, as if this entry were not
                        there.
                    </Muted>
                </p>
                {failure && (
                    <div role="alert">
                        <Message appearance="fill" type="error">
                            {failure}
                        </Message>
                    </div>
                )}
                <p role="status">
                    {total === undefined && !failure && 'Looking for the detections that it is for …'}
                    {total !== undefined && done < total && `${done} of ${total} detections searched`}
                    {total !== undefined &&
                        done === total &&
                        (sum === 0
                            ? `Nothing, in ${total} ${total === 1 ? 'detection that is' : 'detections that are'} on.`
                            : `${sum} ${sum === 1 ? 'finding' : 'findings'} of ${found.length} of ${total} detections.`)}
                </p>
                <ul>
                    {found.map((one) => (
                        <li key={one.detection} data-silenced={one.detection}>
                            {one.title}: {one.findings}
                        </li>
                    ))}
                </ul>
            </Modal.Body>
            <Modal.Footer>
                <Button label="Close" onClick={close} />
            </Modal.Footer>
        </Modal>
    );
}

interface Silenced {
    found: { detection: string; title: string; findings: number }[];
    done: number;
    /** Detections that are searched; none until they are known. */
    total: number | undefined;
    failure: string;
}

function useSilenced(list: string, key: string): Silenced {
    const [state, setState] = useState<Silenced>({ found: [], done: 0, total: undefined, failure: '' });
    const controller = useRef<AbortController | undefined>(undefined);
    useEffect(() => {
        const mine = new AbortController();
        controller.current = mine;
        const run = async (): Promise<void> => {
            const { searches } = await read('list_silenced', { list, key }, mine.signal);
            setState((before) => ({ ...before, total: searches.length }));
            for (const one of searches) {
                const count = async (spl: string): Promise<number> => {
                    const { rows } = await search(`${spl}\n| stats count`, DAYS, 1, mine.signal, () => undefined);
                    return Number(rows[0]?.count ?? 0);
                };
                const without = await count(one.spl);
                // What is found in spite of the entry was not silenced by it.
                const findings = without && one.still ? Math.max(0, without - (await count(one.still))) : without;
                setState((before) => ({
                    ...before,
                    done: before.done + 1,
                    found: findings ? [...before.found, { detection: one.detection, title: one.title, findings }] : before.found,
                }));
            }
        };
        run().catch((error: unknown) => {
            if (mine.signal.aborted) return;
            setState((before) => ({ ...before, failure: error instanceof Failure ? error.message : String(error) }));
        });
        return () => mine.abort();
    }, [list, key]);
    return state;
}
