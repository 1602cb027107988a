import ControlGroup from '@splunk/react-ui/ControlGroup';
import Text from '@splunk/react-ui/Text';
import { useState } from 'react';

import type { KeptList, ListEntry } from '../../api/answers';
import { act } from '../../api/client';
import { Confirm } from '../../components/Confirm';
import { Code, Facts } from '../../components/layout';

export interface Opened {
    list: KeptList;
    /** None where one is added. */
    entry?: ListEntry;
    deletes?: boolean;
    opener: HTMLElement;
}

interface Ends {
    close: () => void;
    done: (notice: string) => void;
}

/** Asks before an entry is added, changed or deleted. The server checks what is entered. */
export function EntryDialog({ opened, ...ends }: { opened: Opened | undefined } & Ends) {
    if (!opened) return null;
    if (opened.deletes && opened.entry) return <DeleteDialog {...opened} entry={opened.entry} {...ends} />;
    return <EditDialog {...opened} {...ends} />;
}

function was(entry: ListEntry): Record<string, string> {
    return { ...entry.values, last_day: entry.last_day };
}

function EditDialog({ list, entry, opener, close, done }: Opened & Ends) {
    const [values, setValues] = useState<Record<string, string>>(entry?.values ?? {});
    const [lastDay, setLastDay] = useState(entry?.state === 'unreadable' ? '' : (entry?.last_day ?? ''));
    const missing = list.columns.some((column) => column.required && !values[column.name]?.trim());
    return (
        <Confirm
            title={entry ? `Edit an entry of: ${list.title}` : `Add an entry to: ${list.title}`}
            verb={entry ? 'Save' : 'Add'}
            isReady={!missing}
            opener={opener}
            close={close}
            run={async () => {
                await act('list_entry', {
                    list: list.lookup,
                    entry: list.expires ? { ...values, expires: lastDay.trim() } : values,
                    ...(entry ? { key: entry.key, was: was(entry) } : {}),
                });
                done(entry ? 'The entry is saved.' : 'The entry is added.');
            }}
        >
            <p>{list.effect}</p>
            {list.columns.map((column) => (
                <ControlGroup key={column.name} label={column.label} required={column.required}>
                    <Text
                        value={values[column.name] ?? ''}
                        onChange={(_, { value }) => setValues((before) => ({ ...before, [column.name]: value }))}
                    />
                </ControlGroup>
            ))}
            {list.expires && (
                <ControlGroup label="Last day" help="As in 2026-12-31, UTC. Leave empty for no end.">
                    <Text placeholder="YYYY-MM-DD" value={lastDay} onChange={(_, { value }) => setLastDay(value)} />
                </ControlGroup>
            )}
        </Confirm>
    );
}

function DeleteDialog({ list, entry, opener, close, done }: Opened & { entry: ListEntry } & Ends) {
    return (
        <Confirm
            title={`Delete an entry of: ${list.title}`}
            verb="Delete"
            isDangerous
            opener={opener}
            close={close}
            run={async () => {
                await act('list_entry', { list: list.lookup, key: entry.key, was: was(entry) });
                done('The entry is deleted.');
            }}
        >
            <Facts>
                {list.columns.map((column) => [
                    <dt key={`dt-${column.name}`}>{column.label}</dt>,
                    <dd key={`dd-${column.name}`}>
                        <Code>{entry.values[column.name] || '–'}</Code>
                    </dd>,
                ])}
            </Facts>
            <p>It no longer counts from the next search or change on.</p>
        </Confirm>
    );
}
