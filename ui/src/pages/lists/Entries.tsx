import Button from '@splunk/react-ui/Button';
import Table from '@splunk/react-ui/Table';

import type { KeptList, ListEntry } from '../../api/answers';
import { Code, Row } from '../../components/layout';
import { Level } from '../../components/Level';
import type { Opened } from './EntryDialog';
import type { Asked } from './Silenced';

const STATES: Record<string, [string, string]> = {
    counts: ['green', 'Active'],
    soon: ['amber', 'Expires soon'],
    lapsed: ['red', 'Expired'],
    unreadable: ['red', 'No date'],
};
/** Pixels of a column. */
const WIDE = 150;

/** A row an entry; what ends first stands first. */
export function Entries({
    list,
    open,
    ask,
}: {
    list: KeptList;
    open: (opened: Opened) => void;
    ask: (asked: Asked) => void;
}) {
    const canAsk = list.silences;
    const buttons = (list.may_edit ? 175 : 0) + (canAsk ? 135 : 0);
    const least = list.columns.length * WIDE + (list.expires ? 250 : 0) + buttons;
    return (
        <Table
            stripeRows
            horizontalOverflow="scroll"
            tableStyle={{ tableLayout: 'fixed', width: '100%', minWidth: least }}
        >
            <Table.Head>
                {list.columns.map((column) => (
                    <Table.HeadCell key={column.name}>{column.label}</Table.HeadCell>
                ))}
                {list.expires && <Table.HeadCell width={120}>Last day</Table.HeadCell>}
                {list.expires && <Table.HeadCell width={130}>State</Table.HeadCell>}
                {buttons > 0 && (
                    <Table.HeadCell width={buttons}>{list.may_edit ? 'Change' : 'Silenced'}</Table.HeadCell>
                )}
            </Table.Head>
            <Table.Body>
                {list.entries.map((entry) => (
                    <Table.Row key={entry.key} data-entry={entry.key}>
                        {list.columns.map((column) => (
                            <Table.Cell key={column.name}>
                                <Code>{entry.values[column.name] ?? ''}</Code>
                            </Table.Cell>
                        ))}
                        {list.expires && <Table.Cell>{entry.last_day || 'None'}</Table.Cell>}
                        {list.expires && (
                            <Table.Cell>
                                <State entry={entry} />
                            </Table.Cell>
                        )}
                        {buttons > 0 && (
                            <Table.Cell>
                                <Buttons list={list} entry={entry} open={open} ask={canAsk ? ask : undefined} />
                            </Table.Cell>
                        )}
                    </Table.Row>
                ))}
            </Table.Body>
        </Table>
    );
}

function State({ entry }: { entry: ListEntry }) {
    const [level, text] = STATES[entry.state] ?? ['amber', entry.state];
    return <Level level={level} text={text} />;
}

function Buttons({
    list,
    entry,
    open,
    ask,
}: {
    list: KeptList;
    entry: ListEntry;
    open: (opened: Opened) => void;
    ask: ((asked: Asked) => void) | undefined;
}) {
    const name = Object.values(entry.values).find(Boolean) ?? entry.key;
    return (
        <Row>
            {ask && (
                <Button
                    aria-label={`What it silenced: ${name}`}
                    label="Silenced?"
                    onClick={(event) => ask({ list, entry, opener: event.currentTarget as HTMLElement })}
                />
            )}
            {list.may_edit && (
                <>
                    <Button
                        aria-label={`Edit ${name}`}
                        label="Edit"
                        onClick={(event) => open({ list, entry, opener: event.currentTarget as HTMLElement })}
                    />
                    <Button
                        aria-label={`Delete ${name}`}
                        label="Delete"
                        onClick={(event) =>
                            open({ list, entry, deletes: true, opener: event.currentTarget as HTMLElement })
                        }
                    />
                </>
            )}
        </Row>
    );
}
