import Button from '@splunk/react-ui/Button';
import Heading from '@splunk/react-ui/Heading';
import Link from '@splunk/react-ui/Link';
import styled from 'styled-components';

import type { DetectionPack, Detections } from '../../api/answers';
import { Panel, Row } from '../../components/layout';
import type { Opened } from './ChangeDialog';
import { runsOf, runsWith } from './rows';

const Grid = styled.div`
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(320px, 1fr));
    gap: 16px;
`;

/** Detections that are switched on together. */
export function Packs({ all, open }: { all: Detections; open: (opened: Opened) => void }) {
    return (
        <Grid>
            {all.packs.map((pack) => (
                <Pack key={pack.pack} all={all} pack={pack} open={open} />
            ))}
        </Grid>
    );
}

function Pack({ all, pack, open }: { all: Detections; pack: DetectionPack; open: (opened: Opened) => void }) {
    const ids = new Set(pack.detections);
    const rows = all.detections.filter((row) => ids.has(row.detection));
    const on = rows.filter((row) => row.is_on).length;
    const more = Math.round((runsWith(all.detections, pack.detections) - runsOf(all.detections)) * 10) / 10;
    const change = (kind: Opened['kind']) => (event: { currentTarget: EventTarget }) =>
        open({ kind, all, rows, opener: event.currentTarget as HTMLElement });
    return (
        <Panel aria-label={pack.title} data-pack={pack.pack}>
            <Heading level={2}>{pack.title}</Heading>
            <p>{pack.about}</p>
            <p>
                <Link to={`?pack=${encodeURIComponent(pack.pack)}`}>{rows.length} detections</Link>, {on} on
                {on < rows.length && `; ${more} more runs an hour`}
            </p>
            {all.may_change && (
                <Row>
                    <Button
                        aria-label={`Switch on: ${pack.title}`}
                        label="Switch on"
                        disabled={on === rows.length}
                        onClick={change('on')}
                    />
                    <Button
                        aria-label={`Change response: ${pack.title}`}
                        label="Change response"
                        onClick={change('response')}
                    />
                    <Button
                        aria-label={`Switch off: ${pack.title}`}
                        label="Switch off"
                        disabled={on === 0}
                        onClick={change('off')}
                    />
                </Row>
            )}
        </Panel>
    );
}
