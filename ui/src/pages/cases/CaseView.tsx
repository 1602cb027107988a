import Button from '@splunk/react-ui/Button';
import Heading from '@splunk/react-ui/Heading';
import Link from '@splunk/react-ui/Link';
import { type MouseEvent, useCallback, useEffect, useState } from 'react';

import type { CaseDetail, Remediation } from '../../api/answers';
import { act } from '../../api/client';
import { type Decision, DecisionDialog, type Opened } from '../../components/decisions';
import { Columns, Muted, Panel, Row, Spread, Stack } from '../../components/layout';
import { Notice } from '../../components/Notice';
import { NOTHING_SAID, outcome, type Said } from '../../components/outcomes';
import { FollowUp, RemediationView } from '../../components/RemediationView';
import { Severity } from '../../components/Severity';
import { StateLabel } from '../../components/StateLabel';
import { Failed, Loading } from '../../components/Told';
import { At } from '../../components/When';
import { addressWith } from '../../live/useAddress';
import { useLive } from '../../live/useLive';
import { AssignDialog } from './AssignDialog';
import { CaseFacts } from './CaseFacts';
import { CaseTasks } from './CaseTasks';
import { IncidentCases } from './IncidentCases';
import { RemediateDialog } from './RemediateDialog';
import { TimeLine } from './TimeLine';

const CONTAINMENT = 'remediation.containment';

/** One case: what was found, how it stands, and what may be decided now. */
export function CaseView({ id, go }: { id: string; go: (changes: Record<string, string>) => void }) {
    const { data, failure, refresh } = useLive('case', { case: id });
    const [opened, setOpened] = useState<Opened | undefined>(undefined);
    const [opener, remediate] = useState<HTMLElement | undefined>(undefined);
    const [assigning, assign] = useState<HTMLElement | undefined>(undefined);
    const [said, say] = useState(NOTHING_SAID);
    const done = useCallback(
        (what: Said) => {
            say(what);
            void refresh();
        },
        [refresh]
    );
    const isThere = data !== undefined;
    useEffect(() => {
        // Another page begins here for whoever cannot see it.
        if (isThere) document.querySelector<HTMLElement>('h1')?.focus();
    }, [isThere, id]);
    const back = (event: MouseEvent) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        go({ case: '' });
    };
    return (
        <>
            <nav aria-label="Breadcrumb" style={{ marginBottom: 8 }}>
                <Link to={addressWith(window.location.search, { case: '' })} onClick={back}>
                    Cases
                </Link>{' '}
                / <Muted aria-current="page">{id}</Muted>
            </nav>
            <Notice {...said} dismiss={() => say(NOTHING_SAID)} />
            {failure && <Failed what="The case" failure={failure} retry={refresh} isStale={isThere} />}
            {!data && !failure && <Loading what="the case" />}
            {data && <Shown detail={data} go={go} open={setOpened} remediate={remediate} assign={assign} />}
            <DecisionDialog opened={opened} close={() => setOpened(undefined)} done={done} />
            {data && assigning && (
                <AssignDialog detail={data} opener={assigning} close={() => assign(undefined)} done={done} />
            )}
            {opener && (
                <RemediateDialog
                    about={{ case: id }}
                    ask={async (playbook, mode) =>
                        done(outcome(await act('remediate', { case: id, playbook, mode }), 'The remediation was requested.'))
                    }
                    opener={opener}
                    close={() => remediate(undefined)}
                />
            )}
        </>
    );
}

interface ShownProps {
    detail: CaseDetail;
    open: (opened: Opened) => void;
    /** These open a dialog, given the button. */
    remediate: (opener: HTMLElement) => void;
    assign: (opener: HTMLElement) => void;
}

function Shown({ detail, go, open, ...dialogs }: ShownProps & { go: (changes: Record<string, string>) => void }) {
    const { excuse } = detail;
    return (
        <>
            <Spread>
                <div style={{ minWidth: 0 }}>
                    <Heading level={1} tabIndex={-1} style={{ margin: '0 0 8px', overflowWrap: 'anywhere' }}>
                        {detail.signature || detail.detection || 'Case'}
                    </Heading>
                    <Row>
                        <Severity level={detail.severity} />
                        <StateLabel state={detail.state} />
                        {detail.assignee && <Muted>Assigned to {detail.assignee}</Muted>}
                        {excuse && (
                            <Muted>
                                until <At at={excuse.until} /> by {excuse.by}: {excuse.reason}
                            </Muted>
                        )}
                    </Row>
                </div>
                <CaseButtons detail={detail} open={open} {...dialogs} />
            </Spread>
            <Columns>
                <Stack>
                    <Remediations remediations={detail.remediations} open={open} />
                    <CaseTasks detail={detail} open={open} />
                </Stack>
                <Stack>
                    <IncidentCases detail={detail} go={go} />
                    <CaseFacts detail={detail} />
                    <TimeLine entries={detail.history} />
                </Stack>
            </Columns>
        </>
    );
}

/** The newest first, each followed by what CloudTrail says of it. */
function Remediations({
    remediations,
    open,
}: {
    remediations: Remediation[];
    open: (opened: Opened) => void;
}) {
    const shown = remediations.filter(({ kind }) => kind !== CONTAINMENT);
    return (
        <Panel>
            <Heading level={2}>Remediation</Heading>
            {shown.length === 0 && (
                <Muted>
                    There is none yet. The alert action <i>Remediate in AWS</i> plans one for each finding.
                </Muted>
            )}
            {shown.map((one) => (
                <RemediationView key={one.task} remediation={one} open={open}>
                    {remediations
                        .filter(({ kind, of }) => kind === CONTAINMENT && of === one.task)
                        .map((later) => (
                            <FollowUp key={later.task} remediation={later} />
                        ))}
                </RemediationView>
            ))}
        </Panel>
    );
}

function CaseButtons({ detail, open, remediate, assign }: ShownProps) {
    const decide = (decision: Decision) => (event: MouseEvent) =>
        open({ decision, opener: event.currentTarget as HTMLElement });
    const { may, excuse, ticket } = detail;
    return (
        <Row>
            {detail.finding && (
                <Button label="Actor" to={addressWith('', { incident: detail.case })} aria-label="What the actor did" />
            )}
            {ticket?.url && <Button label={`Ticket ${ticket.key}`} to={ticket.url} openInNewContext />}
            {may.includes('assign') && (
                <Button label="Assign" onClick={(event: MouseEvent) => assign(event.currentTarget as HTMLElement)} />
            )}
            {may.includes('remediate') && (
                <Button label="Remediate" onClick={(event: MouseEvent) => remediate(event.currentTarget as HTMLElement)} />
            )}
            {may.includes('excuse') && (
                <Button
                    label={excuse ? 'Extend excuse' : 'Excuse'}
                    onClick={decide({
                        verb: 'excuse',
                        case: detail.case,
                        days: detail.excuse_days,
                        longest: detail.longest_excuse_days,
                        isExcused: excuse !== null,
                    })}
                />
            )}
            {may.includes('lift') && (
                <Button label="Lift excuse" onClick={decide({ verb: 'lift', case: detail.case })} />
            )}
        </Row>
    );
}
