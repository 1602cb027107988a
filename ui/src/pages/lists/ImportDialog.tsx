import Message from '@splunk/react-ui/Message';
import Switch from '@splunk/react-ui/Switch';
import { useRef, useState } from 'react';
import styled from 'styled-components';

import type { KeptList, ListChange, ListImport } from '../../api/answers';
import { act, Failure, read } from '../../api/client';
import { Confirm } from '../../components/Confirm';
import { Code, Muted } from '../../components/layout';

export interface Importing {
    list: KeptList;
    opener: HTMLElement;
}

const Scrolled = styled.ul`
    max-height: 300px;
    margin: 8px 0 0;
    padding-left: 20px;
    overflow-y: auto;
`;
const WORDS: Record<string, string> = { added: 'Added', changed: 'Changed', removed: 'Deleted' };

/** Shows what a CSV file would change of a list, and changes it once that is confirmed. */
export function ImportDialog({
    opened,
    close,
    done,
}: {
    opened: Importing | undefined;
    close: () => void;
    done: (notice: string) => void;
}) {
    if (!opened) return null;
    return <Dialog {...opened} close={close} done={done} />;
}

function Dialog({ list, opener, close, done }: Importing & { close: () => void; done: (notice: string) => void }) {
    const [text, setText] = useState<string | undefined>(undefined);
    const [removes, setRemoves] = useState(false);
    const [shown, setShown] = useState<ListImport | undefined>(undefined);
    const [failure, setFailure] = useState('');
    // What was asked for last: an answer to anything before it, or a file chosen before it, comes too late.
    const last = useRef(0);

    const look = async (csv: string, alsoRemoves: boolean): Promise<void> => {
        const mine = ++last.current;
        setShown(undefined);
        setFailure('');
        try {
            const answer = await read('list_import', { list: list.lookup, text: csv, removes: alsoRemoves });
            if (mine === last.current) setShown(answer);
        } catch (error) {
            if (mine === last.current) setFailure(error instanceof Failure ? error.message : String(error));
        }
    };
    const choose = async (file: File | undefined): Promise<void> => {
        if (!file) return;
        const mine = ++last.current;
        const csv = decoded(await file.arrayBuffer());
        if (mine !== last.current) return;
        setText(csv);
        if (csv === undefined) {
            setShown(undefined);
            setFailure('The file is not text in UTF-8. Save it as "CSV UTF-8" and choose it again.');
            return;
        }
        await look(csv, removes);
    };
    const names = [...list.columns.map((column) => column.name), ...(list.expires ? ['last_day'] : [])];
    return (
        <Confirm
            title={`Import into: ${list.title}`}
            verb="Import"
            isDangerous={(shown?.removed ?? 0) > 0}
            isReady={Boolean(shown?.digest)}
            opener={opener}
            close={close}
            run={async () => {
                const answer = await act('list_import', { list: list.lookup, text, removes, digest: shown?.digest });
                done(`The file is imported: ${summary(answer as ListImport)}.`);
            }}
        >
            <p>
                A CSV file in UTF-8 whose first line names the columns: <Code>{names.join(', ')}</Code>
                {list.expires && '. The last day is a date as in 2026-12-31, UTC; empty for no end'}. <i>Export CSV</i>{' '}
                gives one to begin with.
            </p>
            <p>
                <label>
                    File{' '}
                    <input
                        type="file"
                        accept=".csv,text/csv"
                        onClick={(event) => {
                            // Whoever has corrected the file chooses it again, which is no change otherwise.
                            event.currentTarget.value = '';
                        }}
                        onChange={(event) => void choose(event.currentTarget.files?.[0])}
                    />
                </label>
            </p>
            <Switch
                value="removes"
                selected={removes}
                appearance="checkbox"
                onClick={() => {
                    setRemoves(!removes);
                    if (text !== undefined) void look(text, !removes);
                }}
            >
                Also delete entries that the file does not have
            </Switch>
            <div aria-live="polite">
                {failure && (
                    <Message appearance="fill" type="error">
                        {failure}
                    </Message>
                )}
                {shown && <Preview shown={shown} />}
            </div>
        </Confirm>
    );
}

/** None where it is not UTF-8: letters of another encoding would be imported as something else. */
function decoded(bytes: ArrayBuffer): string | undefined {
    try {
        return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
        return undefined;
    }
}

function summary(shown: ListImport): string {
    return `${shown.added} added, ${shown.changed} changed, ${shown.removed} deleted, ${shown.unchanged} as they were`;
}

function Preview({ shown }: { shown: ListImport }) {
    if (shown.wrong > 0) {
        return (
            <Message appearance="fill" type="error">
                <Message.Title>
                    {shown.wrong} {shown.wrong === 1 ? 'line is' : 'lines are'} wrong: nothing can be imported
                </Message.Title>
                <Scrolled>
                    {shown.problems.map((one) => (
                        <li key={one.line}>
                            Line {one.line}: {one.problem}
                        </li>
                    ))}
                </Scrolled>
            </Message>
        );
    }
    const total = shown.added + shown.changed + shown.removed;
    return (
        <>
            <p>
                {total === 0 ? 'The list is as the file says already.' : `Would be: ${summary(shown)}.`}
                {total > shown.changes.length && ` The first ${shown.changes.length} are listed.`}
            </p>
            <Scrolled>
                {shown.changes.map((one) => (
                    <li key={`${one.what} ${one.line} ${Object.values(one.before).join(' ')}`} data-change={one.what}>
                        {WORDS[one.what] ?? one.what}: <Values change={one} />
                    </li>
                ))}
            </Scrolled>
        </>
    );
}

/** The entry; of one that changes, what differs, before and after. */
function Values({ change }: { change: ListChange }) {
    const entry = change.what === 'removed' ? change.before : change.after;
    const differing = Object.keys(change.after).filter((name) => change.before[name] !== change.after[name]);
    return (
        <>
            <Code>{Object.values(entry).filter(Boolean).join(', ')}</Code>
            {change.what === 'changed' && (
                <Muted>
                    {' '}
                    ({differing.map((name) => `${name}: ${change.before[name] || 'empty'} → ${change.after[name] || 'empty'}`).join('; ')})
                </Muted>
            )}
        </>
    );
}
