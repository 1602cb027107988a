import ControlGroup from '@splunk/react-ui/ControlGroup';
import Heading from '@splunk/react-ui/Heading';
import Select from '@splunk/react-ui/Select';
import Text from '@splunk/react-ui/Text';
import { useState } from 'react';

import type { Start, StartField, StartJira, StartSite } from '../../api/answers';
import { act, saveEntry } from '../../api/client';
import { Stack } from '../../components/layout';
import { Failed, Loading } from '../../components/Told';
import { useLive } from '../../live/useLive';
import { EntryForm } from './EntryForm';
import type { StepProps } from './StartPage';
import { Priorities } from './Priorities';
import { Tried } from './Tried';
import { Working } from './Working';

/** Where tickets go: site, project and issue type, by what Jira says now. */
export function JiraStep({ start, choosing, refresh, say }: StepProps) {
    const site = start.sites.find((one) => one.name === start.choice.site) ?? start.sites[0];
    return (
        <Stack>
            {site && start.sites.length > 1 && (
                <Select
                    prefixLabel="Site"
                    value={site.name}
                    disabled={!start.may_change}
                    onChange={(_, { value }) => choosing.choose({ site: String(value), project: '', issue_type: '' })}
                    style={{ maxWidth: 340 }}
                >
                    {start.sites.map((one) => (
                        <Select.Option key={one.name} value={one.name} label={one.name} />
                    ))}
                </Select>
            )}
            {site && start.may_change && <Chosen site={site} choosing={choosing} start={start} refresh={refresh} say={say} />}
            {site && !start.may_change && (
                <p>
                    Tickets go to project {start.choice.project || site.project || '–'} of {site.url}.
                </p>
            )}
            {!site && !start.may_change && <p>No Jira site is set up.</p>}
            {start.may_change && (
                <section aria-labelledby="jira-site">
                    <Heading level={3} id="jira-site">
                        {site ? 'Add another site' : 'Add your Jira site'}
                    </Heading>
                    <SiteForm
                        names={start.sites.map((one) => one.name)}
                        saved={async (name) => {
                            await refresh();
                            say(`The Jira site ${name} was tested and saved.`);
                        }}
                    />
                </section>
            )}
        </Stack>
    );
}

type ChosenProps = { site: StartSite; start: Start } & Pick<StepProps, 'choosing' | 'refresh' | 'say'>;

function Chosen({ site, start, choosing, refresh, say }: ChosenProps) {
    const chosen = choosing.choice ?? start.choice;
    const body = { site: site.name, project: chosen.project, issue_type: chosen.issue_type };
    const live = useLive('start_jira', body, { every: 0, keep: true });
    const project = chosen.project || site.project;
    return (
        <Stack>
            <p>
                Tickets are opened at <code>{site.url || site.name}</code>.
            </p>
            {live.failure && (
                <Failed what={`Jira site ${site.name}`} failure={live.failure} retry={live.refresh} isStale={live.data !== undefined} />
            )}
            {!live.data && !live.failure && <Loading what="what Jira offers" />}
            {live.data && (
                <>
                    <Places live={live.data} project={project} chosen={chosen} choosing={choosing} />
                    <Required site={site} fields={live.data.required} saved={live.refresh} />
                    <Priorities key={site.name} site={site} live={live.data} saved={live.refresh} />
                </>
            )}
            <Working
                label="Open a test ticket"
                busy="Opening …"
                isReady={project !== ''}
                run={async () => {
                    await choosing.kept();
                    const made = await act('start_test', {
                        service: 'jira',
                        entry: site.name,
                        project: chosen.project,
                        issue_type: chosen.issue_type,
                    });
                    await refresh();
                    say('The test ticket is open. You can close it.');
                    return <Tried trial={made as { name: string; url: string }} />;
                }}
            >
                {site.trial && <Tried trial={site.trial} />}
            </Working>
        </Stack>
    );
}

function Places({
    live,
    project,
    chosen,
    choosing,
}: {
    live: StartJira;
    project: string;
    chosen: Start['choice'];
    choosing: StepProps['choosing'];
}) {
    const isListed = live.projects.some((one) => one.key === project);
    return (
        <div style={{ maxWidth: 720 }}>
            <ControlGroup label="Project" help="Projects in which the token may create tickets">
                <Select
                    filter
                    value={project}
                    placeholder="Choose a project"
                    onChange={(_, { value }) => choosing.choose({ project: String(value), issue_type: '' })}
                >
                    {live.projects.map((one) => (
                        <Select.Option key={one.key} value={one.key} label={`${one.key}: ${one.name}`} />
                    ))}
                    {project && !isListed && <Select.Option value={project} label={`${project}: may not create tickets`} />}
                </Select>
            </ControlGroup>
            {live.issue_types.length > 0 && (
                <ControlGroup label="Issue type">
                    <Select
                        value={chosen.issue_type || live.issue_type}
                        onChange={(_, { value }) => choosing.choose({ issue_type: String(value) })}
                    >
                        {live.issue_types.map((one) => (
                            <Select.Option key={one} value={one} label={one} />
                        ))}
                    </Select>
                </ControlGroup>
            )}
        </div>
    );
}

/** Fields without which this Jira takes no ticket: kept with the site, as on its tab. */
function Required({ site, fields, saved }: { site: StartSite; fields: StartField[]; saved: () => Promise<void> }) {
    const [values, setValues] = useState<Record<string, string>>({});
    const missing = fields.filter((one) => !one.is_filled);
    if (fields.length === 0) return <p>Tickets in this project need no other fields.</p>;
    if (missing.length === 0) return <p>All required fields are filled: {fields.map((one) => one.field.name).join(', ')}.</p>;
    const isReady = missing.every((one) => (values[one.field.id] ?? '').trim() !== '');
    return (
        <section aria-labelledby="jira-fields" style={{ maxWidth: 720 }}>
            <Heading level={3} id="jira-fields">
                Required fields
            </Heading>
            <p>Every ticket in this project needs these fields. Each ticket gets the values that you enter here. For values that depend
                on the finding, use templates on the page Configuration.</p>
            {missing.map(({ field }) => (
                <ControlGroup key={field.id} label={field.name} required>
                    {field.options.length > 0 ? (
                        <Select
                            value={values[field.id] ?? ''}
                            onChange={(_, { value }) => setValues((before) => ({ ...before, [field.id]: String(value) }))}
                        >
                            {field.options.map((option) => (
                                <Select.Option key={option} value={option} label={option} />
                            ))}
                        </Select>
                    ) : (
                        <Text
                            value={values[field.id] ?? ''}
                            onChange={(_, { value }) => setValues((before) => ({ ...before, [field.id]: value }))}
                        />
                    )}
                </ControlGroup>
            ))}
            <Working
                label="Save the fields"
                busy="Testing and saving …"
                isReady={isReady}
                run={async () => {
                    const lines = missing.map(({ field }) => `${field.id} = ${(values[field.id] ?? '').trim()}`);
                    const kept = site.fields ? [site.fields] : [];
                    await saveEntry('jira_site', { fields: [...kept, ...lines].join('\n') }, site.name);
                    await saved();
                    return 'Saved.';
                }}
            />
        </section>
    );
}

function SiteForm({ names, saved }: { names: string[]; saved: (name: string) => Promise<void> }) {
    const isCloud = (values: Record<string, string>): boolean => values.deployment === 'cloud';
    return (
        <EntryForm
            table="jira_site"
            verb="Add the site"
            names={names}
            saved={saved}
            fields={[
                { name: 'name', label: 'Name', isRequired: true, value: names.length === 0 ? 'jira' : '' },
                {
                    name: 'deployment',
                    label: 'Deployment',
                    value: 'cloud',
                    options: [
                        ['cloud', 'Cloud'],
                        ['datacenter', 'Data Center'],
                    ],
                },
                { name: 'url', label: 'URL', isRequired: true, help: 'As in https://example.atlassian.net' },
                { name: 'email', label: 'Email', isRequired: true, isShown: isCloud },
                {
                    name: 'auth_type',
                    label: 'Kind of API token',
                    value: 'api_token',
                    isShown: isCloud,
                    options: [
                        ['api_token', 'Without scopes'],
                        ['scoped_token', 'With scopes, or of a service account'],
                    ],
                },
                { name: 'api_token', label: 'API token', isSecret: true, isRequired: true, isShown: isCloud },
                {
                    name: 'personal_access_token',
                    label: 'Personal access token',
                    isSecret: true,
                    isRequired: true,
                    isShown: (values) => !isCloud(values),
                },
            ]}
        />
    );
}
