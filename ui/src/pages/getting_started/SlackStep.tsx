import ComboBox from '@splunk/react-ui/ComboBox';
import ControlGroup from '@splunk/react-ui/ControlGroup';
import Heading from '@splunk/react-ui/Heading';
import Select from '@splunk/react-ui/Select';
import { useState } from 'react';

import type { Start, StartWorkspace } from '../../api/answers';
import { act } from '../../api/client';
import { Copied } from '../../components/Copied';
import { Stack } from '../../components/layout';
import { useLive } from '../../live/useLive';
import { EntryForm } from './EntryForm';
import type { StepProps } from './StartPage';
import { Tried } from './Tried';
import { Working } from './Working';

/** Where messages go; without Slack there are tickets only. */
export function SlackStep({ start, choosing, refresh, say }: StepProps) {
    const workspace = start.workspaces.find((one) => one.name === start.choice.workspace) ?? start.workspaces[0];
    return (
        <Stack>
            {!workspace && <p>This step is optional. With Slack, people hear about a case at once, and can answer in its thread.</p>}
            {workspace && start.workspaces.length > 1 && (
                <Select
                    prefixLabel="Workspace"
                    value={workspace.name}
                    disabled={!start.may_change}
                    onChange={(_, { value }) => choosing.choose({ workspace: String(value), channel: '' })}
                    style={{ maxWidth: 340 }}
                >
                    {start.workspaces.map((one) => (
                        <Select.Option key={one.name} value={one.name} label={one.name} />
                    ))}
                </Select>
            )}
            {workspace && start.may_change && (
                <Chosen key={workspace.name} workspace={workspace} start={start} choosing={choosing} refresh={refresh} say={say} />
            )}
            {workspace && !start.may_change && <p>Messages go to {start.choice.channel || workspace.channel || 'no channel yet'}.</p>}
            {start.may_change && (
                <>
                    <section aria-labelledby="slack-app">
                        <Heading level={3} id="slack-app">
                            Create the Slack app
                        </Heading>
                        <p>
                            At <code>api.slack.com/apps</code> choose <em>Create New App</em>, <em>From a manifest</em>, paste
                            this, and install it. Then invite the app to the channel: <code>/invite @CloudTrail Responder</code>.
                        </p>
                        <Copied what="manifest" text={start.slack_manifest} />
                    </section>
                    <section aria-labelledby="slack-workspace">
                        <Heading level={3} id="slack-workspace">
                            {workspace ? 'Add another workspace' : 'Add your workspace'}
                        </Heading>
                        <WorkspaceForm
                            names={start.workspaces.map((one) => one.name)}
                            saved={async (name) => {
                                await refresh();
                                say(`The workspace ${name} was tested and saved.`);
                            }}
                        />
                    </section>
                </>
            )}
        </Stack>
    );
}

type ChosenProps = { workspace: StartWorkspace; start: Start } & Pick<StepProps, 'choosing' | 'refresh' | 'say'>;

function Chosen({ workspace, start, choosing, refresh, say }: ChosenProps) {
    const stored = (choosing.choice ?? start.choice).channel;
    const [channel, setChannel] = useState(stored);
    // Whoever is not offered a channel can type it: private ones are not listed, and Slack may not answer.
    const { data } = useLive('choices', { of: 'slack_channels', form: 'setup' }, { every: 0 });
    const offered = [...new Set(data?.entry.map(({ content }) => content.value))];
    return (
        <div style={{ maxWidth: 720 }}>
            {!workspace.is_webhook && (
                <ControlGroup
                    label="Channel"
                    help={`#name or ID. Leave empty for the default channel of the workspace (${workspace.channel || 'none yet'}).`}
                >
                    <ComboBox
                        value={channel}
                        onChange={(_, { value }) => setChannel(value)}
                        onBlur={() => channel.trim() !== stored && choosing.choose({ channel: channel.trim() })}
                    >
                        {offered.map((name) => (
                            <ComboBox.Option key={name} value={name} />
                        ))}
                    </ComboBox>
                </ControlGroup>
            )}
            <Working
                label="Post a test message"
                busy="Posting …"
                isReady={workspace.is_webhook || channel.trim() !== '' || workspace.channel !== ''}
                run={async () => {
                    const body = { service: 'slack', entry: workspace.name, channel: channel.trim() };
                    const made = await act('start_test', body);
                    await refresh();
                    say('The test message is posted.');
                    return <Tried trial={made as { name: string; url: string }} />;
                }}
            >
                {workspace.trial && <Tried trial={workspace.trial} />}
            </Working>
        </div>
    );
}

function WorkspaceForm({ names, saved }: { names: string[]; saved: (name: string) => Promise<void> }) {
    const isBot = (values: Record<string, string>): boolean => values.auth_type === 'bot';
    const isAnswered = (values: Record<string, string>): boolean => isBot(values) && Boolean(values.app_token?.trim());
    return (
        <EntryForm
            table="slack_workspace"
            verb="Add the workspace"
            names={names}
            saved={saved}
            fields={[
                { name: 'name', label: 'Name', isRequired: true, value: names.length === 0 ? 'slack' : '' },
                {
                    name: 'auth_type',
                    label: 'Credentials',
                    value: 'bot',
                    options: [
                        ['bot', 'Bot token'],
                        ['webhook', 'Incoming webhook'],
                    ],
                },
                { name: 'bot_token', label: 'Bot token', isSecret: true, isRequired: true, isShown: isBot, help: 'xoxb-...' },
                {
                    name: 'webhook_url',
                    label: 'Webhook URL',
                    isSecret: true,
                    isRequired: true,
                    isShown: (values) => !isBot(values),
                },
                { name: 'default_channel', label: 'Default channel', isShown: isBot, help: 'As in #security-alerts' },
                {
                    name: 'app_token',
                    label: 'App-level token',
                    isSecret: true,
                    isShown: isBot,
                    help: 'Optional, xapp-... With it people approve, reject and undo in Slack (Socket Mode).',
                },
                {
                    name: 'answerers',
                    label: 'Who may answer',
                    isRequired: true,
                    isShown: isAnswered,
                    help: 'Member IDs (U0123456789), email addresses and user group IDs, separated by commas',
                },
            ]}
        />
    );
}
