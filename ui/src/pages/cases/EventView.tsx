import Button from '@splunk/react-ui/Button';
import ControlGroup from '@splunk/react-ui/ControlGroup';
import Heading from '@splunk/react-ui/Heading';
import Link from '@splunk/react-ui/Link';
import Select from '@splunk/react-ui/Select';
import { type MouseEvent, useEffect, useRef, useState } from 'react';

import type { EventView as View } from '../../api/answers';
import { Confirm } from '../../components/Confirm';
import { Code, Facts, Muted, Panel, Row, Spread, Stack } from '../../components/layout';
import { Notice } from '../../components/Notice';
import { NOTHING_SAID } from '../../components/outcomes';
import { Failed, Loading } from '../../components/Told';
import { At } from '../../components/When';
import { addressWith } from '../../live/useAddress';
import { useLive } from '../../live/useLive';
import { type HandedOver, handOver } from './handingOver';
import { RemediateDialog } from './RemediateDialog';

type Go = (changes: Record<string, string>) => void;
type Wanted = 'ticket' | 'remediate';
const LEVELS = ['Critical', 'High', 'Medium', 'Low', 'Informational'];
const NOTHING_ASKED = { event: '', at: '', do: '' };

/**
 * An event of CloudTrail that the address names: what it says, and to have a ticket or a remediation of it. `do` opens
 * the dialog of one of them; nothing is asked for before somebody confirms it.
 */
export function EventView({ address, go }: { address: URLSearchParams; go: Go }) {
    const about = { event: address.get('event') ?? '', at: address.get('at') ?? '' };
    // It searches the index: as often as somebody asks for it.
    const { data, failure, refresh } = useLive('event', about, { every: 0 });
    const asked = address.get('do');
    const isThere = data !== undefined;
    useEffect(() => {
        if (isThere) document.querySelector<HTMLElement>('h1')?.focus();
    }, [isThere]);
    const all = { ...NOTHING_ASKED, case: '' };
    const back = (event: MouseEvent) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        go(all);
    };
    return (
        <>
            <nav aria-label="Breadcrumb" style={{ marginBottom: 8 }}>
                <Link to={addressWith(window.location.search, all)} onClick={back}>
                    Cases
                </Link>{' '}
                / <Muted aria-current="page">Event</Muted>
            </nav>
            {failure && <Failed what="The event" failure={failure} retry={refresh} isStale={isThere} />}
            {!data && !failure && <Loading what="the event" />}
            {data && <Shown view={data} about={about} asked={asked} go={go} />}
        </>
    );
}

interface ShownProps {
    view: View;
    about: Record<string, string>;
    asked: string | null;
    go: Go;
}

function Shown({ view, about, asked, go }: ShownProps) {
    const may = view.may.length > 0;
    const [wanted, want] = useState<Wanted | undefined>(() =>
        may && (asked === 'ticket' || asked === 'remediate') ? asked : undefined
    );
    const [said, say] = useState(NOTHING_SAID);
    const opener = useRef<HTMLElement | null>(null);
    const open = (what: Wanted) => (event: { currentTarget: EventTarget }) => {
        opener.current = event.currentTarget as HTMLElement;
        want(what);
    };
    const done = (what: HandedOver) => {
        if (what.case) go({ ...NOTHING_ASKED, case: what.case });
        else say(what.said);
    };
    return (
        <Stack>
            <Notice {...said} dismiss={() => say(NOTHING_SAID)} />
            <Spread style={{ marginBottom: 0 }}>
                <div style={{ minWidth: 0 }}>
                    <Heading level={1} tabIndex={-1} style={{ margin: '0 0 8px', overflowWrap: 'anywhere' }}>
                        {view.call || 'Event'}
                    </Heading>
                    <Muted>
                        <At at={view.at} />, event <Code>{view.event}</Code>
                    </Muted>
                </div>
                {may && (
                    <Row>
                        <Button appearance="primary" label="Create ticket" onClick={open('ticket')} />
                        <Button label="Remediate" onClick={open('remediate')} />
                    </Row>
                )}
            </Spread>
            {!may && (
                <Panel>
                    To have a ticket or a remediation of it, ask an administrator of Splunk for the role{' '}
                    <Code>cloudtrail_responder</Code>, too.
                </Panel>
            )}
            <What view={view} go={go} />
            <Panel>
                <Heading level={2}>The record</Heading>
                <Code as="pre" style={{ whiteSpace: 'pre-wrap', margin: 0 }}>
                    {view.record}
                </Code>
            </Panel>
            {wanted === 'ticket' && (
                <TicketDialog about={about} view={view} opener={opener.current} close={() => want(undefined)} done={done} />
            )}
            {wanted === 'remediate' && (
                <RemediateDialog
                    about={about}
                    ask={async (playbook, mode) => done(await handOver(about, 'remediate', { playbook, mode }))}
                    opener={opener.current}
                    close={() => want(undefined)}
                />
            )}
        </Stack>
    );
}

function What({ view, go }: { view: View; go: Go }) {
    const to = (changes: Record<string, string>) => (event: MouseEvent) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        go({ ...NOTHING_ASKED, ...changes });
    };
    const link = (changes: Record<string, string>, label: string) => (
        <Link to={addressWith('', changes)} onClick={to(changes)}>
            {label}
        </Link>
    );
    const facts: [string, string][] = [
        ['Outcome', [view.outcome, view.reason].filter(Boolean).join(': ')],
        ['Who', view.user || view.user_arn],
        ['Identity', view.user_arn === view.user ? '' : view.user_arn],
        ['Access key', view.access_key_id],
        ['From', view.src_ip],
        ['Account', view.account],
        ['Region', view.region],
        ['Resource', view.resource],
        ['Type', view.resource_type],
    ];
    return (
        <Panel>
            <Heading level={2}>What it says</Heading>
            <Facts>
                {facts
                    .filter(([, value]) => value)
                    .map(([name, value]) => (
                        <div key={name} style={{ display: 'contents' }}>
                            <dt>{name}</dt>
                            <dd>
                                <Code>{value}</Code>
                            </dd>
                        </div>
                    ))}
                <dt>Cases</dt>
                <dd>
                    <Row>
                        {view.case && link({ case: view.case }, 'Case of this event')}
                        {view.user && link({ actor: view.user }, 'Cases of this actor')}
                        {view.account && link({ account: view.account }, 'Cases in this account')}
                    </Row>
                </dd>
            </Facts>
        </Panel>
    );
}

interface TicketProps {
    about: Record<string, string>;
    view: View;
    opener: HTMLElement | null;
    close: () => void;
    done: (what: HandedOver) => void;
}

function TicketDialog({ about, view, opener, close, done }: TicketProps) {
    const [severity, choose] = useState('medium');
    return (
        <Confirm
            title="Create ticket"
            verb="Create ticket"
            opener={opener}
            close={close}
            run={async () => done(await handOver(about, 'create_ticket', { severity }))}
        >
            <p>
                Creates a ticket about <Code>{view.call || 'this event'}</Code> in the default Jira site and project, as
                the alert action <i>Create Jira ticket</i> does. If its case has a ticket, that is used.
            </p>
            <ControlGroup label="Severity">
                <Select value={severity} onChange={(_, { value }) => choose(String(value))}>
                    {LEVELS.map((level) => (
                        <Select.Option key={level} value={level.toLowerCase()} label={level} />
                    ))}
                </Select>
            </ControlGroup>
        </Confirm>
    );
}
