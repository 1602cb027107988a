import Button from '@splunk/react-ui/Button';
import Heading from '@splunk/react-ui/Heading';
import Link from '@splunk/react-ui/Link';
import Message from '@splunk/react-ui/Message';
import variables from '@splunk/themes/variables';
import { type MouseEvent, useEffect } from 'react';
import styled from 'styled-components';

import type { Activities, Activity, DetectionDetail, DetectionRow, Detections } from '../../api/answers';
import { Code, Columns, Facts, Muted, Panel, Row, Spread, Stack } from '../../components/layout';
import { Severity } from '../../components/Severity';
import { Failed, Loading } from '../../components/Told';
import { When } from '../../components/When';
import { addressWith } from '../../live/useAddress';
import { type Live, useLive } from '../../live/useLive';
import type { Opened } from './ChangeDialog';
import { Response, State } from './DetectionTable';
import type { Go } from './Overview';
import { byDetection, counted } from './rows';
import { TrialPanel } from './TrialPanel';
import { Tuning } from './Tuning';

const Text = styled.pre`
    max-height: 420px;
    margin: 0;
    overflow: auto;
    font-family: ${variables.monoFontFamily};
    font-size: 0.92em;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
`;

/** One detection: what it does, what answers it, what tunes it, and what it would have raised. */
export function DetectionView({
    detection,
    changes,
    all,
    activity,
    go,
    open,
}: {
    detection: string;
    /** How often something was changed on this page: it is read again after each. */
    changes: number;
    all: Detections;
    activity: Live<Activities>;
    go: Go;
    open: (opened: Opened) => void;
}) {
    const { data, failure, refresh } = useLive('detection', { detection }, { every: 60 });
    useEffect(() => {
        if (changes > 0) void refresh();
    }, [changes, refresh]);
    return (
        <>
            <p style={{ margin: '0 0 8px' }}>
                <Link
                    to={addressWith(window.location.search, { detection: '' })}
                    onClick={(event: MouseEvent) => {
                        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                        event.preventDefault();
                        go({ detection: '' });
                    }}
                >
                    All detections
                </Link>
            </p>
            {failure && <Failed what="The detection" failure={failure} retry={refresh} isStale={data !== undefined} />}
            {!data && !failure && <Loading what="the detection" />}
            {data && <Shown data={data} all={all} activity={activity} open={open} />}
        </>
    );
}

function Shown({
    data,
    all,
    activity,
    open,
}: {
    data: DetectionDetail;
    all: Detections;
    activity: Live<Activities>;
    open: (opened: Opened) => void;
}) {
    const { row } = data;
    return (
        <>
            <Spread>
                <div>
                    <Heading level={1} tabIndex={-1}>
                        {row.title}
                    </Heading>
                    <Row>
                        <Severity level={row.severity} />
                        <State row={row} />
                    </Row>
                </div>
                {data.may_change && <Buttons row={row} all={all} open={open} />}
            </Spread>
            <Columns>
                <Stack>
                    <Panel aria-label="What it finds">
                        <Heading level={2}>What it finds</Heading>
                        <p style={{ marginTop: 0 }}>{data.description}</p>
                        <Sentences title="Runbook" texts={data.runbook} ordered />
                        <Sentences title="Known false positives" texts={data.false_positives} />
                        <Sentences title="Blind spots" texts={data.blind_spots} />
                    </Panel>
                    <TrialPanel data={data} />
                    <Panel aria-label="Search">
                        <Spread>
                            <Heading level={2}>Search</Heading>
                            <Link
                                to={`search?q=${encodeURIComponent(data.trial)}&earliest=-7d&latest=now`}
                                openInNewContext
                            >
                                Open in search
                            </Link>
                        </Spread>
                        <Text tabIndex={0} aria-label="SPL">
                            {data.spl}
                        </Text>
                    </Panel>
                    {data.sample && (
                        <Panel aria-label="Sample">
                            <Heading level={2}>A sample that it finds</Heading>
                            <p style={{ marginTop: 0 }}>{data.sample_why}</p>
                            <Text tabIndex={0} aria-label="Sample event">
                                {indented(data.sample)}
                            </Text>
                        </Panel>
                    )}
                </Stack>
                <Stack>
                    <About data={data} activity={activity} />
                    <Tuning data={data} />
                </Stack>
            </Columns>
        </>
    );
}

function Buttons({ row, all, open }: { row: DetectionRow; all: Detections; open: (opened: Opened) => void }) {
    const change = (kind: Opened['kind']) => (event: { currentTarget: EventTarget }) =>
        open({ kind, all, rows: [row], opener: event.currentTarget as HTMLElement });
    const isWhole = row.is_on && row.baseline !== 'off';
    return (
        <Row>
            {!isWhole && <Button appearance="primary" label="Switch on" onClick={change('on')} />}
            {row.is_on && <Button label="Switch off" onClick={change('off')} />}
            <Button label="Change response" onClick={change('response')} />
        </Row>
    );
}

function About({ data, activity: live }: { data: DetectionDetail; activity: Live<Activities> }) {
    const { row } = data;
    const activity = byDetection(live.data).get(row.detection);
    return (
        <Panel aria-label="About">
            <Heading level={2}>How it runs</Heading>
            {row.is_on && row.baseline === 'off' && (
                <Message appearance="fill" type="warning">
                    The search that keeps its baseline is off, so it stays quiet or knows only its threshold. Switch it on.
                </Message>
            )}
            <Facts>
                <dt>Response</dt>
                <dd>
                    <Response actions={row.actions} isOn={row.is_on} />
                </dd>
                <dt>Schedule</dt>
                <dd>
                    <Code>{data.cron}</Code> <Muted>{row.runs_an_hour} runs an hour</Muted>
                </dd>
                <dt>Last run</dt>
                <dd>{activity?.last_run ? <When at={activity.last_run} /> : 'not known'}</dd>
                <dt>In 30 days</dt>
                <dd>
                    {!live.data && (live.failure?.message ?? 'Loading …')}
                    {live.data && <Figures detection={row.detection} activity={activity} />}
                </dd>
                <dt>Runs as</dt>
                <dd>{row.owner === 'nobody' ? 'the system' : row.owner}</dd>
                <dt>ATT&amp;CK</dt>
                <dd>
                    {row.tactics.join(', ')}:{' '}
                    {row.techniques.map((one, number) => (
                        <span key={one}>
                            {number > 0 && ', '}
                            <Link to={`https://attack.mitre.org/techniques/${one.replace('.', '/')}/`} openInNewContext>
                                {one}
                            </Link>
                        </span>
                    ))}
                </dd>
                <dt>ID, family</dt>
                <dd>
                    <Code>{row.detection}</Code>, {row.family}
                </dd>
                {data.packs.length > 0 && (
                    <>
                        <dt>Packs</dt>
                        <dd>{data.packs.join(', ')}</dd>
                    </>
                )}
                <dt>Saved search</dt>
                <dd>
                    <Link
                        to={`../../manager/cloudtrail_responder/saved/searches?app=cloudtrail_responder&search=${encodeURIComponent(row.title)}`}
                    >
                        {data.search_name}
                    </Link>
                </dd>
                {data.references.length > 0 && (
                    <>
                        <dt>References</dt>
                        <dd>
                            {data.references.map((one) => (
                                <div key={one}>
                                    <Link to={one} openInNewContext>
                                        {one}
                                    </Link>
                                </div>
                            ))}
                        </dd>
                    </>
                )}
            </Facts>
        </Panel>
    );
}

/** What it has raised; nothing where the scheduler and the audit know of nothing. */
function Figures({ detection, activity }: { detection: string; activity: Activity | undefined }) {
    return (
        <>
            {counted(activity?.results, 'finding')} in {counted(activity?.runs, 'run')},{' '}
            <Link to={`cases?detection=${encodeURIComponent(detection)}`}>{counted(activity?.cases, 'case')}</Link>
            {activity !== undefined && activity.excused > 0 && `, ${activity.excused} excused`}
            {activity !== undefined && activity.failed > 0 && `; ${activity.failed} runs failed or were skipped`}
        </>
    );
}

function Sentences({ title, texts, ordered = false }: { title: string; texts: string[]; ordered?: boolean }) {
    if (texts.length === 0) return null;
    const items = texts.map((one) => <li key={one}>{one}</li>);
    return (
        <>
            <Heading level={3}>{title}</Heading>
            {ordered ? <ol>{items}</ol> : <ul>{items}</ul>}
        </>
    );
}

function indented(text: string): string {
    try {
        return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
        // A line of another log than CloudTrail.
        return text;
    }
}
