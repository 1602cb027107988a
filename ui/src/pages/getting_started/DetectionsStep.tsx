import Button from '@splunk/react-ui/Button';
import Heading from '@splunk/react-ui/Heading';
import RadioList from '@splunk/react-ui/RadioList';
import Table from '@splunk/react-ui/Table';

import type { EstimatedDetection, StartPack } from '../../api/answers';
import { Level } from '../../components/Level';
import { Muted, Row, Stack } from '../../components/layout';
import { Severity } from '../../components/Severity';
import { Failed } from '../../components/Told';
import type { StepProps } from './StartPage';
import { runsAnHour } from './steps';
import { type Estimating, useEstimates } from './useEstimates';

/** Which detections are to be on; what each would have raised, and what it costs. */
export function DetectionsStep({ start, choosing }: StepProps) {
    const chosen = (choosing.choice ?? start.choice).pack;
    const pack = start.packs.find((one) => one.pack === chosen);
    return (
        <Stack>
            <p>A pack is a list of detections. Arm one now, and others later: what is armed stays armed.</p>
            <RadioList
                aria-label="Pack"
                value={chosen}
                disabled={!start.may_change}
                onChange={(_, { value }) => choosing.choose({ pack: typeof value === 'string' ? value : '' })}
            >
                {start.packs.map((one) => (
                    <RadioList.Option key={one.pack} value={one.pack}>
                        <strong>{one.title}</strong>{' '}
                        <Muted>
                            {one.about} {one.detections.length} detections, {Math.ceil(runsAnHour(one))} searches an hour.
                        </Muted>
                    </RadioList.Option>
                ))}
            </RadioList>
            {pack && start.may_change && <PackBill pack={pack} />}
        </Stack>
    );
}

function PackBill({ pack }: { pack: StartPack }) {
    const estimating = useEstimates();
    const { known, running, failure } = estimating;
    const told = pack.detections.map((one) => known.get(one.detection)).filter((one) => one?.state === 'done');
    const total = told.reduce((sum, one) => sum + (one ? cases(one) : 0), 0);
    return (
        <section aria-labelledby="pack-bill">
            <Heading level={3} id="pack-bill">
                {pack.title}: what it would have raised in the last 30 days
            </Heading>
            {failure && (
                <Failed what="What it would have raised" failure={failure} retry={() => estimating.run(pack)} isStale={told.length > 0} />
            )}
            <Row style={{ marginBottom: 12 }}>
                {running ? (
                    <Button label="Stop" onClick={estimating.stop} />
                ) : (
                    <Button
                        label={told.length > 0 ? 'Search for the rest' : 'Search the last 30 days'}
                        disabled={told.length === pack.detections.length}
                        onClick={() => void estimating.run(pack)}
                    />
                )}
                <span role="status">
                    {running && `Searching: ${running.done} of ${running.of} detections. `}
                    {told.length > 0 &&
                        `${total} ${total === 1 ? 'case' : 'cases'} of ${told.length} ${told.length === 1 ? 'detection' : 'detections'}, ${perWeek(total)} a week.`}
                </span>
            </Row>
            <Bill pack={pack} known={known} />
        </section>
    );
}

function Bill({ pack, known }: { pack: StartPack; known: Estimating['known'] }) {
    return (
        <Table aria-label={`Detections of ${pack.title}`} stripeRows>
            <Table.Head>
                <Table.HeadCell>Detection</Table.HeadCell>
                <Table.HeadCell width={120}>Severity</Table.HeadCell>
                <Table.HeadCell align="right" width={110}>
                    Cases
                </Table.HeadCell>
                <Table.HeadCell align="right" width={110}>
                    Findings
                </Table.HeadCell>
                <Table.HeadCell align="right" width={130}>
                    Runs an hour
                </Table.HeadCell>
            </Table.Head>
            <Table.Body>
                {pack.detections.map((one) => {
                    const found = known.get(one.detection);
                    return (
                        <Table.Row key={one.detection} data-detection={one.detection}>
                            <Table.Cell>
                                <div>
                                    {one.title}
                                    {found?.state === 'failed' && (
                                        <div>
                                            <Level level="red" text={found.problem} />
                                        </div>
                                    )}
                                </div>
                            </Table.Cell>
                            <Table.Cell>
                                <Severity level={one.severity} />
                            </Table.Cell>
                            <Table.Cell align="right">{found?.state === 'done' ? cases(found) : '–'}</Table.Cell>
                            <Table.Cell align="right">{found?.state === 'done' ? sum(found.findings) : '–'}</Table.Cell>
                            <Table.Cell align="right">{one.runs_an_hour}</Table.Cell>
                        </Table.Row>
                    );
                })}
            </Table.Body>
        </Table>
    );
}

function cases(one: EstimatedDetection): number {
    return sum(one.cases);
}

function sum(counts: Record<string, number>): number {
    return Object.values(counts).reduce((total, count) => total + count, 0);
}

function perWeek(in30Days: number): string {
    const found = (in30Days * 7) / 30;
    if (in30Days === 0) return 'none';
    return found < 1 ? 'less than 1' : `about ${Math.round(found)}`;
}
