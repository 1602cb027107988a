import ControlGroup from '@splunk/react-ui/ControlGroup';
import Heading from '@splunk/react-ui/Heading';
import Select from '@splunk/react-ui/Select';
import { useState } from 'react';

import type { StartJira, StartSite } from '../../api/answers';
import { saveEntry } from '../../api/client';
import { Working } from './Working';

/** Which of Jira's priorities a ticket gets, by severity: kept with the site, as on its tab. */
export function Priorities({ site, live, saved }: { site: StartSite; live: StartJira; saved: () => Promise<void> }) {
    const [changes, setChanges] = useState<Record<string, string>>({});
    const chosen = live.priority_by_severity.map(({ severity, priority }) => ({
        severity,
        priority: changes[severity] ?? priority,
        isChanged: (changes[severity] ?? priority) !== priority,
    }));
    if (live.priorities.length === 0) return null;
    return (
        <section aria-labelledby="jira-priorities" style={{ maxWidth: 720 }}>
            <Heading level={3} id="jira-priorities">
                Priorities
            </Heading>
            {chosen.map(({ severity, priority }) => (
                <ControlGroup key={severity} label={`Severity ${severity}`}>
                    <Select
                        value={priority}
                        onChange={(_, { value }) => setChanges((before) => ({ ...before, [severity]: String(value) }))}
                    >
                        <Select.Option value="" label="Default of the project" />
                        {live.priorities.map((name) => (
                            <Select.Option key={name} value={name} label={name} />
                        ))}
                        {priority && !live.priorities.includes(priority) && (
                            <Select.Option value={priority} label={`${priority}: not in this Jira`} />
                        )}
                    </Select>
                </ControlGroup>
            ))}
            <Working
                label="Save the priorities"
                busy="Testing and saving …"
                isReady={chosen.some((one) => one.isChanged)}
                run={async () => {
                    const pairs = chosen.filter((one) => one.priority).map((one) => `${one.severity}=${one.priority}`);
                    await saveEntry('jira_site', { priority_by_severity: pairs.join(', ') }, site.name);
                    await saved();
                    setChanges({});
                    return 'Saved.';
                }}
            />
        </section>
    );
}
