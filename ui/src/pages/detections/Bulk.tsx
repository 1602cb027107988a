import Button from '@splunk/react-ui/Button';

import type { DetectionRow, Detections } from '../../api/answers';
import { Row } from '../../components/layout';
import type { Opened } from './ChangeDialog';
import { DAYS, type Trials } from './useTrials';

/** What can be done with the rows that are marked. */
export function Bulk({
    all,
    rows,
    marked,
    select,
    trials,
    open,
}: {
    all: Detections;
    rows: DetectionRow[];
    marked: DetectionRow[];
    select: (ids: string[]) => void;
    trials: Trials;
    open: (opened: Opened) => void;
}) {
    const change = (kind: Opened['kind']) => (event: { currentTarget: EventTarget }) =>
        open({ kind, all, rows: marked, opener: event.currentTarget as HTMLElement });
    const none = marked.length === 0;
    return (
        <Row role="group" aria-label="Change detections" style={{ marginBottom: 12 }}>
            <span role="status">{none ? 'None selected' : `${marked.length} selected`}</span>
            {marked.length < rows.length && (
                <Button label={`Select all ${rows.length}`} onClick={() => select(rows.map((row) => row.detection))} />
            )}
            {!none && <Button label="Clear" onClick={() => select([])} />}
            {all.may_change && (
                <>
                    <Button label="Switch on" disabled={none} onClick={change('on')} />
                    <Button label="Switch off" disabled={none} onClick={change('off')} />
                    <Button label="Change response" disabled={none} onClick={change('response')} />
                </>
            )}
            {trials.left > 0 ? (
                <>
                    <Button label="Stop" onClick={trials.stop} />
                    <span role="status">{trials.left} left</span>
                </>
            ) : (
                <Button
                    label={`Try on the last ${DAYS} days`}
                    disabled={none}
                    onClick={() => void trials.start(marked)}
                />
            )}
        </Row>
    );
}
