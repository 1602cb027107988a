import Button from '@splunk/react-ui/Button';
import Heading from '@splunk/react-ui/Heading';
import Link from '@splunk/react-ui/Link';
import Message from '@splunk/react-ui/Message';
import Table from '@splunk/react-ui/Table';
import { type MouseEvent, type ReactNode, useEffect, useState } from 'react';

import type { ActorView } from '../../api/answers';
import { Code, Muted, Panel, Stack } from '../../components/layout';
import { Failed, Loading } from '../../components/Told';
import { At } from '../../components/When';
import { addressWith } from '../../live/useAddress';
import { useLive } from '../../live/useLive';
import { CallChart } from './CallChart';
import { QueueTable } from './QueueTable';

/** Rows that are shown until somebody asks for all. */
const FIRST = 10;

/** Everything about whoever is behind a case: what they did, made and were stopped from, and their cases. */
export function IncidentView({ id, go }: { id: string; go: (changes: Record<string, string>) => void }) {
    // It searches the index: as often as somebody asks for it.
    const { data, failure, refresh } = useLive('actor', { case: id }, { every: 60 });
    const isThere = data !== undefined;
    useEffect(() => {
        if (isThere) document.querySelector<HTMLElement>('h1')?.focus();
    }, [isThere, id]);
    const to = (changes: Record<string, string>) => (event: MouseEvent) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        go(changes);
    };
    const all = { incident: '', case: '' };
    const one = { incident: '', case: id };
    return (
        <>
            <nav aria-label="Breadcrumb" style={{ marginBottom: 8 }}>
                <Link to={addressWith(window.location.search, all)} onClick={to(all)}>
                    Cases
                </Link>{' '}
                /{' '}
                <Link to={addressWith(window.location.search, one)} onClick={to(one)}>
                    {id}
                </Link>{' '}
                / <Muted aria-current="page">Actor</Muted>
            </nav>
            {failure && <Failed what="The actor" failure={failure} retry={refresh} isStale={isThere} />}
            {!data && !failure && <Loading what="what the actor did" />}
            {data && <Shown view={data} go={go} />}
        </>
    );
}

function Shown({ view, go }: { view: ActorView; go: (changes: Record<string, string>) => void }) {
    const address = new URLSearchParams();
    return (
        <Stack>
            <div>
                <Heading level={1} tabIndex={-1} style={{ margin: '0 0 8px', overflowWrap: 'anywhere' }}>
                    {view.actor || 'Actor'}
                </Heading>
                <Muted>
                    Account {view.account}, <At at={view.since} /> to <At at={view.until} />
                </Muted>
            </div>
            <Panel>
                <Heading level={2}>Calls in CloudTrail</Heading>
                {view.why_not && <p>{view.why_not}</p>}
                {view.is_cut && (
                    <Message appearance="fill" type="warning">
                        There are more calls, or more sessions and keys, than this page looks at. Search the index for the
                        names below to see all of them.
                    </Message>
                )}
                {!view.why_not && <Calls view={view} />}
            </Panel>
            <Panel>
                <Heading level={2}>What the actor made</Heading>
                <Rows
                    head={['Time', 'Call', 'Type', 'Resource', 'Region']}
                    rows={view.made.map((one) => [
                        <At key="at" at={one.at} />,
                        <Code key="call">{one.call}</Code>,
                        one.resource_type,
                        <Code key="resource">{one.resource}</Code>,
                        one.region,
                    ])}
                    none="Nothing that a playbook could take back."
                    more={view.more_made}
                />
            </Panel>
            <Panel>
                <Heading level={2}>What was changed in response</Heading>
                <Rows
                    head={['Time', 'Call', 'Resource', 'Case', 'Now']}
                    rows={view.steps.map((one) => [
                        <At key="at" at={one.at} />,
                        <Code key="call">{one.call}</Code>,
                        <Code key="resource">{one.resource}</Code>,
                        <Link key="case" to={addressWith('', { case: one.case })}>
                            {one.case}
                        </Link>,
                        one.undone ? 'Undone' : 'In effect',
                    ])}
                    none="Nothing was changed in AWS."
                    more={view.more_steps}
                />
            </Panel>
            <Panel>
                <Heading level={2}>Cases and tickets</Heading>
                <QueueTable cases={view.cases} address={address} choose={(name, value) => go({ incident: '', [name]: value })} />
                {view.more_cases && <p>There are older ones. Choose the actor to list them all.</p>}
            </Panel>
        </Stack>
    );
}

function Calls({ view }: { view: ActorView }) {
    const slots = view.slots.filter(({ reads, changes, denied }) => reads + changes + denied > 0);
    return (
        <>
            <CallChart view={view} />
            <details style={{ marginTop: 12 }}>
                <summary>As a table</summary>
                <Rows
                    head={['From', 'Changes', 'Reads', 'Denied', 'Most frequent calls']}
                    rows={slots.map((slot) => [
                        <At key="since" at={slot.since} />,
                        slot.changes,
                        slot.reads,
                        slot.denied,
                        slot.names.join(', '),
                    ])}
                    none="No call of these names is in the index in this time."
                />
            </details>
            <details style={{ marginTop: 8 }}>
                <summary>Keys, users and sessions of the actor ({view.names.length})</summary>
                <ul>
                    {view.names.map((name) => (
                        <li key={name}>
                            <Code>{name}</Code>
                        </li>
                    ))}
                </ul>
            </details>
        </>
    );
}

function Rows({ head, rows, none, more = false }: { head: string[]; rows: ReactNode[][]; none: string; more?: boolean }) {
    const [isWhole, showAll] = useState(false);
    if (rows.length === 0) return <Muted>{none}</Muted>;
    const shown = isWhole ? rows : rows.slice(0, FIRST);
    return (
        <>
            <Table horizontalOverflow="scroll" tableStyle={{ tableLayout: 'fixed', width: '100%', minWidth: 720 }}>
                <Table.Head>
                    {head.map((name, number) => (
                        <Table.HeadCell key={name} {...(number === 0 ? { width: 170 } : {})}>
                            {name}
                        </Table.HeadCell>
                    ))}
                </Table.Head>
                <Table.Body>
                    {shown.map((cells, number) => (
                        <Table.Row key={number}>
                            {cells.map((cell, column) => (
                                <Table.Cell key={column}>{cell}</Table.Cell>
                            ))}
                        </Table.Row>
                    ))}
                </Table.Body>
            </Table>
            {shown.length < rows.length && (
                <p>
                    <Button label={`Show all ${rows.length}`} onClick={() => showAll(true)} />
                </p>
            )}
            {more && isWhole && <p>There are more than are listed.</p>}
        </>
    );
}
