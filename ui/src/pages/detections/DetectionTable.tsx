import Link from '@splunk/react-ui/Link';
import Table from '@splunk/react-ui/Table';
import Tooltip from '@splunk/react-ui/Tooltip';

import type { Activity, AttachedAction, DetectionRow } from '../../api/answers';
import { Muted } from '../../components/layout';
import { Level } from '../../components/Level';
import { Severity } from '../../components/Severity';
import { When } from '../../components/When';
import { addressWith } from '../../live/useAddress';
import type { Known } from './rows';
import { DAYS, type Trial, type Trials } from './useTrials';

/** A row a detection. `selected` may hold others that are not shown. */
export function DetectionTable({
    rows,
    known,
    isKnown,
    address,
    selected,
    select,
    trials,
}: {
    rows: DetectionRow[];
    known: Known;
    /** Whether it was told what they have raised: until then nobody says that it was nothing. */
    isKnown: boolean;
    address: URLSearchParams;
    selected: ReadonlySet<string>;
    select: (ids: ReadonlySet<string>) => void;
    trials: Trials;
}) {
    const here = rows.filter((row) => selected.has(row.detection)).length;
    const isTried = trials.found.size > 0 || trials.left > 0;
    const toggle = (ids: string[], on: boolean) => {
        const next = new Set(selected);
        for (const id of ids) {
            if (on) next.add(id);
            else next.delete(id);
        }
        select(next);
    };
    return (
        <Table
            stripeRows
            horizontalOverflow="scroll"
            rowSelection={here === 0 ? 'none' : here === rows.length ? 'all' : 'some'}
            onRequestToggleAllRows={() =>
                toggle(
                    rows.map((row) => row.detection),
                    here < rows.length
                )
            }
            tableStyle={{ tableLayout: 'fixed', width: '100%', minWidth: 930 + (isTried ? 130 : 0) }}
        >
            <Table.Head>
                <Table.HeadCell>Detection</Table.HeadCell>
                <Table.HeadCell width={105}>Severity</Table.HeadCell>
                <Table.HeadCell width={85}>State</Table.HeadCell>
                <Table.HeadCell width={150}>Response</Table.HeadCell>
                <Table.HeadCell width={88}>Last run</Table.HeadCell>
                <Table.HeadCell width={84}>Findings</Table.HeadCell>
                <Table.HeadCell width={90}>Noise</Table.HeadCell>
                <Table.HeadCell width={102}>Runs/hour</Table.HeadCell>
                {isTried && <Table.HeadCell width={130}>Would raise</Table.HeadCell>}
            </Table.Head>
            <Table.Body>
                {rows.map((row) => {
                    const activity = known.get(row.detection);
                    const isSelected = selected.has(row.detection);
                    return (
                        <Table.Row
                            key={row.detection}
                            data-detection={row.detection}
                            selected={isSelected}
                            onRequestToggle={() => toggle([row.detection], !isSelected)}
                        >
                            <Table.Cell>
                                <div>
                                    <Link to={addressWith(address.toString(), { detection: row.detection })}>{row.title}</Link>
                                    <br />
                                    <Muted>{row.tactics.join(', ')}</Muted>
                                    {row.owner !== 'nobody' && (
                                        <div>
                                            <Muted>Runs as {row.owner}</Muted>
                                        </div>
                                    )}
                                </div>
                            </Table.Cell>
                            <Table.Cell>
                                <Severity level={row.severity} />
                            </Table.Cell>
                            <Table.Cell>
                                <State row={row} />
                            </Table.Cell>
                            <Table.Cell>
                                <Response actions={row.actions} isOn={row.is_on} />
                            </Table.Cell>
                            <Table.Cell>{activity?.last_run ? <When at={activity.last_run} /> : '–'}</Table.Cell>
                            <Table.Cell align="right">{isKnown ? (activity?.results ?? 0) : '–'}</Table.Cell>
                            <Table.Cell>
                                <Noise activity={activity} />
                            </Table.Cell>
                            <Table.Cell align="right">
                                <Cost row={row} activity={activity} />
                            </Table.Cell>
                            {isTried && (
                                <Table.Cell>
                                    <Tried trial={trials.found.get(row.detection)} isRunning={trials.running === row.detection} />
                                </Table.Cell>
                            )}
                        </Table.Row>
                    );
                })}
            </Table.Body>
        </Table>
    );
}

export function State({ row }: { row: DetectionRow }) {
    if (!row.is_on) return <Muted>Off</Muted>;
    if (row.baseline === 'off') return <Level level="amber" text="On, baseline off" />;
    return <Level level="green" text="On" />;
}

export function Response({ actions, isOn }: { actions: AttachedAction[]; isOn: boolean }) {
    if (actions.length === 0) return isOn ? <Level level="amber" text="None" /> : <Muted>None</Muted>;
    return (
        <div>
            {actions.map((one) => (
                <div key={one.action}>
                    {one.label}
                    {one.mode && <Muted> ({one.mode})</Muted>}
                </div>
            ))}
        </div>
    );
}

function Noise({ activity }: { activity: Activity | undefined }) {
    if (!activity?.cases) return <span>–</span>;
    return (
        <div>
            {activity.cases} {activity.cases === 1 ? 'case' : 'cases'}
            {activity.excused > 0 && (
                <div>
                    <Muted>{activity.excused} excused</Muted>
                </div>
            )}
        </div>
    );
}

function Cost({ row, activity }: { row: DetectionRow; activity: Activity | undefined }) {
    return (
        <div>
            {row.runs_an_hour}
            {activity !== undefined && activity.runs > 0 && (
                <div>
                    <Muted>{activity.seconds} s a run</Muted>
                </div>
            )}
            {activity !== undefined && activity.failed > 0 && <Level level="red" text={`${activity.failed} failed`} />}
        </div>
    );
}

function Tried({ trial, isRunning }: { trial: Trial | undefined; isRunning: boolean }) {
    if (isRunning) return <Muted>Searching …</Muted>;
    if (!trial) return <span>–</span>;
    if (trial.failure) {
        return (
            <Tooltip content={trial.failure}>
                <Level level="red" text="No answer" />
            </Tooltip>
        );
    }
    return (
        <div>
            {trial.cases} {trial.cases === 1 ? 'case' : 'cases'}
            <div>
                <Muted>
                    {trial.findings} {trial.findings === 1 ? 'finding' : 'findings'}, {DAYS} d
                </Muted>
            </div>
        </div>
    );
}
