import Button from '@splunk/react-ui/Button';
import Message from '@splunk/react-ui/Message';
import RadioBar from '@splunk/react-ui/RadioBar';
import Select from '@splunk/react-ui/Select';
import Text from '@splunk/react-ui/Text';
import { useState } from 'react';

import type { Activities, Detections } from '../../api/answers';
import { Panel, Row, Spread, Stack } from '../../components/layout';
import { Empty, Failed } from '../../components/Told';
import { pageOf } from '../../live/pages';
import type { Live } from '../../live/useLive';
import { Bulk } from './Bulk';
import type { Opened } from './ChangeDialog';
import { DetectionTable } from './DetectionTable';
import { Matrix } from './Matrix';
import { Packs } from './Packs';
import { byDetection, chosen, FILTERS, isFiltered, PAGE, runsOf, SEVERITIES, SORTS, STATES, TACTICS } from './rows';
import { useTrials } from './useTrials';

export type Go = (changes: Record<string, string>, replace?: boolean) => void;
interface Shown {
    all: Detections;
    activity: Live<Activities>;
    address: URLSearchParams;
    go: Go;
    open: (opened: Opened) => void;
}

const VIEWS: [string, string][] = [
    ['', 'Table'],
    ['packs', 'Packs'],
    ['attack', 'ATT&CK'],
];

export function Overview(shown: Shown) {
    const { all, activity, address, go } = shown;
    const view = address.get('view') ?? '';
    const on = all.detections.filter((row) => row.is_on);
    return (
        <Stack>
            <Spread style={{ marginBottom: 0 }}>
                <span role="status">
                    {on.length} of {all.detections.length} are on; {runsOf(all.detections)} scheduled runs an hour
                    {activity.data && !activity.data.has_log && '; the scheduler’s log tells of no run yet'}
                </span>
                <RadioBar aria-label="View" value={view} onChange={(_, { value }) => go({ view: String(value) })}>
                    {VIEWS.map(([name, label]) => (
                        <RadioBar.Option key={name} value={name} label={label} />
                    ))}
                </RadioBar>
            </Spread>
            {activity.failure && !activity.failure.isForbidden && (
                <Failed
                    what="What was raised in 30 days"
                    failure={activity.failure}
                    retry={activity.refresh}
                    isStale={activity.data !== undefined}
                />
            )}
            {all.missing.length > 0 && (
                <Message appearance="fill" type="warning">
                    Splunk does not have the saved searches of {all.missing.join(', ')}. Somebody has removed them: install
                    the app again.
                </Message>
            )}
            {view === 'packs' && <Packs all={all} open={shown.open} />}
            {view === 'attack' && <Matrix all={all} address={address} go={go} />}
            {view !== 'packs' && view !== 'attack' && <Rows {...shown} />}
        </Stack>
    );
}

function Rows({ all, activity, address, go, open }: Shown) {
    const known = byDetection(activity.data);
    const rows = chosen(all, known, address);
    const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
    const trials = useTrials();
    const page = pageOf(address, Math.ceil(rows.length / PAGE)) + 1;
    const here = rows.slice((page - 1) * PAGE, page * PAGE);
    // What is no longer shown is not changed unseen.
    const marked = rows.filter((row) => selected.has(row.detection));
    return (
        <Panel aria-label="Table of detections">
            <Filters all={all} address={address} go={go} shown={rows.length} />
            <Bulk
                all={all}
                rows={rows}
                marked={marked}
                select={(ids) => setSelected(new Set(ids))}
                trials={trials}
                open={open}
            />
            {here.length > 0 ? (
                <DetectionTable
                    rows={here}
                    known={known}
                    isKnown={activity.data !== undefined}
                    address={address}
                    selected={selected}
                    select={setSelected}
                    trials={trials}
                />
            ) : (
                <Empty title="No detection matches">
                    <Button label="Show all detections" onClick={() => go(nothing())} />
                </Empty>
            )}
            {rows.length > PAGE && (
                <nav aria-label="Pages of the table">
                    <Spread style={{ margin: '12px 0 0' }}>
                        <span role="status">
                            Detections {(page - 1) * PAGE + 1} to {(page - 1) * PAGE + here.length} of {rows.length}
                        </span>
                        <Row>
                            <Button label="Previous" disabled={page <= 1} onClick={() => go({ page: String(page - 1) })} />
                            <Button
                                label="Next"
                                disabled={page * PAGE >= rows.length}
                                onClick={() => go({ page: String(page + 1) })}
                            />
                        </Row>
                    </Spread>
                </nav>
            )}
        </Panel>
    );
}

function nothing(): Record<string, string> {
    return Object.fromEntries([...FILTERS, 'page'].map((name) => [name, '']));
}

function Filters({ all, address, go, shown }: { all: Detections; address: URLSearchParams; go: Go; shown: number }) {
    const choice = (name: string, label: string, options: [string, string][]) => (
        <Select
            prefixLabel={label}
            value={address.get(name) ?? ''}
            onChange={(_, { value }) => go({ [name]: String(value), page: '' })}
            style={{ maxWidth: 280 }}
        >
            {options.map(([value, text]) => (
                <Select.Option key={value} label={text} value={value} />
            ))}
        </Select>
    );
    const same = (names: string[]): [string, string][] => [['', 'Any'], ...names.map((one): [string, string] => [one, one])];
    const technique = address.get('technique');
    return (
        <Row role="group" aria-label="Filters" style={{ marginBottom: 12 }}>
            <Text
                aria-label="Find detections"
                placeholder="Find by name, technique, response"
                value={address.get('find') ?? ''}
                onChange={(_, { value }) => go({ find: value, page: '' }, true)}
                style={{ width: 250 }}
            />
            {choice('state', 'State', STATES)}
            {choice('severity', 'Severity', same(SEVERITIES))}
            {choice('tactic', 'Tactic', same(TACTICS))}
            {choice('pack', 'Pack', [['', 'Any'], ...all.packs.map((one): [string, string] => [one.pack, one.title])])}
            {choice('sort', 'Order', SORTS)}
            {technique && <Button label={`Technique: ${technique} ✕`} onClick={() => go({ technique: '' })} />}
            {isFiltered(address) && <Button label="Show all" onClick={() => go(nothing())} />}
            <span role="status">{shown} shown</span>
        </Row>
    );
}
