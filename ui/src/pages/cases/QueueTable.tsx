import Link from '@splunk/react-ui/Link';
import Table from '@splunk/react-ui/Table';
import type { MouseEvent } from 'react';

import type { QueuedCase } from '../../api/answers';
import { Code, Muted } from '../../components/layout';
import { Severity } from '../../components/Severity';
import { StateLabel } from '../../components/StateLabel';
import { When } from '../../components/When';
import { addressWith } from '../../live/useAddress';
import type { Filter } from './filters';

/** Names, and widths in pixels; those without one share what is left. */
const COLUMNS: [string, number | undefined][] = [
    ['Severity', 110],
    ['Case', undefined],
    ['State', undefined],
    ['Actor', 170],
    ['Account', 130],
    ['Ticket', 110],
    ['Opened', 110],
];

/** A row a case. A click on an actor, account or alert owner shows only what is theirs. */
export function QueueTable({
    cases,
    address,
    choose,
}: {
    cases: QueuedCase[];
    address: URLSearchParams;
    choose: (name: Filter, value: string) => void;
}) {
    return (
        <Table stripeRows horizontalOverflow="scroll" tableStyle={{ tableLayout: 'fixed', width: '100%', minWidth: 920 }}>
            <Table.Head>
                {COLUMNS.map(([name, width]) => (
                    <Table.HeadCell key={name} {...(width ? { width } : {})}>
                        {name}
                    </Table.HeadCell>
                ))}
            </Table.Head>
            <Table.Body>
                {cases.map((row) => (
                    <Table.Row key={row.case} data-case={row.case}>
                        <Table.Cell>
                            <Severity level={row.severity} />
                        </Table.Cell>
                        <Table.Cell>
                            <div>
                                <Link to={addressWith(address.toString(), { case: row.case })}>
                                    {row.signature || row.detection || 'Case'}
                                </Link>
                                <br />
                                <Muted>
                                    <Code>{row.resource}</Code>
                                </Muted>
                                {row.tells_of > 0 && (
                                    <>
                                        <br />
                                        <Muted>
                                            and {row.tells_of} more {row.tells_of === 1 ? 'case' : 'cases'} in the same
                                            ticket{row.open_cases > 0 && <>: {row.open_cases} open</>}
                                        </Muted>
                                    </>
                                )}
                                {row.told_in && (
                                    <>
                                        <br />
                                        <Link to={addressWith(address.toString(), { case: row.told_in })}>
                                            In the ticket of another case
                                        </Link>
                                    </>
                                )}
                            </div>
                        </Table.Cell>
                        <Table.Cell>
                            <div>
                                <StateLabel state={row.state} />
                                {row.assignee && (
                                    <>
                                        <br />
                                        <Muted>
                                            Assigned to{' '}
                                            <Only
                                                name="assignee"
                                                value={row.assignee}
                                                what="person"
                                                address={address}
                                                choose={choose}
                                            />
                                        </Muted>
                                    </>
                                )}
                            </div>
                        </Table.Cell>
                        <Table.Cell>
                            <div>
                                <Only name="actor" value={row.actor} what="actor" address={address} choose={choose} />
                                {row.actor && (
                                    <>
                                        <br />
                                        <Link
                                            to={addressWith('', { incident: row.case })}
                                            aria-label={`Timeline of ${row.actor}`}
                                        >
                                            Timeline
                                        </Link>
                                    </>
                                )}
                            </div>
                        </Table.Cell>
                        <Table.Cell>
                            <Only name="account" value={row.account} what="account" address={address} choose={choose} />
                        </Table.Cell>
                        <Table.Cell>
                            <div>
                                {row.ticket?.url ? (
                                    <Link to={row.ticket.url} openInNewContext>
                                        {row.ticket.key}
                                    </Link>
                                ) : (
                                    (row.ticket?.key ?? '–')
                                )}
                                {row.ticket?.status && (
                                    <>
                                        <br />
                                        <Muted>{row.ticket.status}</Muted>
                                    </>
                                )}
                                {row.ticket?.assignee && (
                                    <>
                                        <br />
                                        <Muted title="Assigned in Jira" style={{ overflowWrap: 'anywhere' }}>
                                            {row.ticket.assignee}
                                        </Muted>
                                    </>
                                )}
                            </div>
                        </Table.Cell>
                        <Table.Cell>
                            <When at={row.opened_at} />
                        </Table.Cell>
                    </Table.Row>
                ))}
            </Table.Body>
        </Table>
    );
}

/** A value that the list can be narrowed down to. */
function Only({
    name,
    value,
    what,
    address,
    choose,
}: {
    name: Filter;
    value: string;
    what: string;
    address: URLSearchParams;
    choose: (name: Filter, value: string) => void;
}) {
    if (!value) return <span>–</span>;
    if (address.get(name) === value) return <Code>{value}</Code>;
    return (
        <Link
            to={addressWith(address.toString(), { [name]: value, page: '' })}
            title={`Only cases of this ${what}`}
            onClick={(event: MouseEvent) => {
                if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                event.preventDefault();
                choose(name, value);
            }}
            style={{ overflowWrap: 'anywhere' }}
        >
            {value}
        </Link>
    );
}
