import ControlGroup from '@splunk/react-ui/ControlGroup';
import Select from '@splunk/react-ui/Select';
import { useState } from 'react';

import type { CaseDetail } from '../../api/answers';
import { act } from '../../api/client';
import { Confirm } from '../../components/Confirm';
import { outcome, type Said } from '../../components/outcomes';
import { Failed, Loading } from '../../components/Told';
import { useLive } from '../../live/useLive';

interface Props {
    detail: CaseDetail;
    opener: HTMLElement | null;
    close: () => void;
    done: (said: Said) => void;
}

/** Gives the case to somebody who may see cases, or to nobody. */
export function AssignDialog({ detail, opener, close, done }: Props) {
    const { data, failure, refresh } = useLive('assignees', {}, { every: 0 });
    const [chosen, choose] = useState<string | undefined>(undefined);
    // Whoever opens it takes the case, as a rule.
    const assignee = chosen ?? (data && detail.assignee !== data.me ? data.me : detail.assignee);
    return (
        <Confirm
            title="Assign"
            verb="Assign"
            isReady={data !== undefined && assignee !== detail.assignee}
            opener={opener}
            close={close}
            run={async () => {
                const body = { case: detail.case, assignee, was: detail.assignee };
                done(outcome(await act('assign', body), 'Assigned.'));
            }}
        >
            {failure && <Failed what="People" failure={failure} retry={refresh} isStale={false} />}
            {!data && !failure && <Loading what="people" />}
            {data && (
                <ControlGroup
                    label="Assigned to"
                    help="Users of Splunk who may see cases. The assignee of the ticket in Jira stays as it is."
                >
                    <Select value={assignee} filter onChange={(_, { value }) => choose(String(value))}>
                        <Select.Option value="" label="Nobody" />
                        {data.people.map(({ user, name }) => (
                            <Select.Option key={user} value={user} label={user} description={name} />
                        ))}
                    </Select>
                </ControlGroup>
            )}
            {data?.more && <p>Only the first {data.people.length} users are listed.</p>}
        </Confirm>
    );
}
