import { useCallback, useState } from 'react';

import { Spread } from '../../components/layout';
import { Notice } from '../../components/Notice';
import { Title } from '../../components/Title';
import { Failed, Loading } from '../../components/Told';
import { useAddress } from '../../live/useAddress';
import { useLive } from '../../live/useLive';
import { ChangeDialog, type Opened } from './ChangeDialog';
import { DetectionView } from './DetectionView';
import { Overview } from './Overview';

/** All detections, or the one that the address names. */
export function DetectionsPage() {
    const [address, go] = useAddress();
    const all = useLive('detections', {}, { every: 60 });
    const activity = useLive('detection_activity', {}, { every: 300 });
    const [opened, setOpened] = useState<Opened | undefined>(undefined);
    const [notice, setNotice] = useState('');
    const [changes, setChanges] = useState(0);
    const { refresh } = all;
    const done = useCallback(
        (text: string) => {
            setNotice(text);
            setChanges((before) => before + 1);
            void refresh();
        },
        [refresh]
    );
    const one = address.get('detection');
    return (
        <>
            {!one && (
                <Spread>
                    <Title part="detections">Detections</Title>
                </Spread>
            )}
            <Notice text={notice} dismiss={() => setNotice('')} />
            {all.failure && (
                <Failed what="Detections" failure={all.failure} retry={refresh} isStale={all.data !== undefined} />
            )}
            {!all.data && !all.failure && <Loading what="detections" />}
            {all.data && one && (
                <DetectionView
                    key={one}
                    detection={one}
                    changes={changes}
                    all={all.data}
                    activity={activity}
                    go={go}
                    open={setOpened}
                />
            )}
            {all.data && !one && <Overview all={all.data} activity={activity} address={address} go={go} open={setOpened} />}
            <ChangeDialog opened={opened} close={() => setOpened(undefined)} done={done} />
        </>
    );
}
