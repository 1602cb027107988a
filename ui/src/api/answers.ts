// Written by `python -m tools.answer_types` from the endpoints' dataclasses. Do not edit.
// Times are epoch seconds. Texts come from events and people: show them as text, never as markup.

export interface CallSlot {
    since: number;
    until: number;
    reads: number;
    changes: number;
    denied: number;
    names: string[];
}

export interface MadeThing {
    at: number;
    call: string;
    resource_type: string;
    resource: string;
    region: string;
}

export interface OurStep {
    at: number;
    case: string;
    task: string;
    resource: string;
    call: string;
    undone: boolean;
}

export interface CaseState {
    status: string;
    text: string;
    kind: string;
    approvals: number;
    attention: number;
    open: number;
}

export interface Ticket {
    key: string;
    url: string;
    site: string;
    status: string;
    assignee: string;
}

export interface QueuedCase {
    case: string;
    opened_at: number;
    updated_at: number;
    severity: string;
    signature: string;
    detection: string;
    account: string;
    actor: string;
    resource: string;
    alert: string;
    owner: string;
    assignee: string;
    state: CaseState;
    ticket: Ticket | null;
    told_in: string;
    tells_of: number;
    open_cases: number;
}

export interface ActorView {
    case: string;
    actor: string;
    account: string;
    names: string[];
    since: number;
    until: number;
    slots: CallSlot[];
    is_cut: boolean;
    made: MadeThing[];
    steps: OurStep[];
    cases: QueuedCase[];
    more_made: boolean;
    more_steps: boolean;
    more_cases: boolean;
    why_not: string;
}

export interface Change {
    resource: string;
    resource_type: string;
    region: string;
    summary: string;
    diff: string[];
    made: boolean;
    verified: string;
    observed: string;
    blast_radius: string[];
}

export interface Instruction {
    text: string;
    link: string;
}

export interface Plan {
    digest: string;
    asked_at: number;
    ends_at: number;
    then: string;
    approved_by: string[];
    missing: number;
    why_not: string;
}

export interface Remediation {
    task: string;
    kind: string;
    of: string;
    playbook: string;
    title: string;
    mode: string;
    state: string;
    waiting_for: string;
    status: string;
    text: string;
    message: string;
    asked_for_by: string;
    created_at: number;
    updated_at: number;
    finished_at: number;
    due_at: number;
    changes: Change[];
    instructions: Instruction[];
    plan: Plan | null;
    damaged: string;
    may: string[];
}

export interface WaitingApproval {
    case: string;
    severity: string;
    signature: string;
    account: string;
    actor: string;
    resource: string;
    owner: string;
    remediation: Remediation;
}

export interface WaitingApprovals {
    approvals: WaitingApproval[];
    more: number;
    kill_switch: boolean;
}

export interface Person {
    user: string;
    name: string;
}

export interface Assignees {
    people: Person[];
    me: string;
    more: boolean;
}

export interface CaseFinding {
    reason: string;
    user: string;
    user_type: string;
    user_arn: string;
    access_key_id: string;
    src_ip: string;
    src_country: string;
    user_agent: string;
    account: string;
    region: string;
    resource_type: string;
    resource: string;
    command: string;
    outcome: string;
    technique: string;
    event_count: number;
    first_time: number;
    last_time: number;
}

export interface Thread {
    workspace: string;
    channel: string;
    name: string;
    ts: string;
}

export interface CaseExcuse {
    by: string;
    reason: string;
    since: number;
    until: number;
}

export interface CaseTask {
    task: string;
    kind: string;
    service: string;
    state: string;
    waiting_for: string;
    message: string;
    attempts: number;
    created_at: number;
    updated_at: number;
    due_at: number;
    may: string[];
}

export interface HistoryEntry {
    at: number;
    kind: string;
    text: string;
    by: string;
    task: string;
}

export interface CaseDetail {
    case: string;
    opened_at: number;
    severity: string;
    signature: string;
    detection: string;
    alert: string;
    owner: string;
    assignee: string;
    state: CaseState;
    finding: CaseFinding | null;
    ticket: Ticket | null;
    threads: Thread[];
    excuse: CaseExcuse | null;
    longest_excuse_days: number;
    excuse_days: number;
    remediations: Remediation[];
    tasks: CaseTask[];
    more_tasks: number;
    history: HistoryEntry[];
    runbook: string[];
    told_in: string;
    cases: QueuedCase[];
    more_cases: number;
    may: string[];
}

export interface PlaybookChoice {
    playbook: string;
    title: string;
    does: string;
    risk: string;
    mode: string;
    recommended: boolean;
    why_not: string;
}

export interface PlaybookChoices {
    playbooks: PlaybookChoice[];
}

export interface Queue {
    cases: QueuedCase[];
    more: boolean;
    is_cut: boolean;
}

export interface ReachedLimit {
    scope: string;
    what: string;
    used: number;
    limit: number;
    state: string;
    since: number | string;
    reason: string;
    task: string;
}

export interface ChangeLimits {
    limits: ReachedLimit[];
}

export interface OfferedContent {
    value: string;
    label: string;
}

export interface OfferedEntry {
    name: string;
    content: OfferedContent;
}

export interface Offered {
    entry: OfferedEntry[];
    problems: string[];
}

export interface AttachedAction {
    action: string;
    label: string;
    mode: string;
}

export interface DetectionRow {
    detection: string;
    title: string;
    family: string;
    severity: string;
    source: string;
    techniques: string[];
    tactics: string[];
    is_on: boolean;
    baseline: string;
    actions: AttachedAction[];
    runs_an_hour: number;
    owner: string;
}

export interface ReadMacro {
    name: string;
    definition: string;
    effect: string;
}

export interface ReadList {
    lookup: string;
    title: string;
    effect: string;
    entries: number;
}

export interface DetectionException {
    principal: string;
    reason: string;
    owner: string;
    last_day: string;
    state: string;
}

export interface DetectionDetail {
    row: DetectionRow;
    description: string;
    search_name: string;
    cron: string;
    spl: string;
    trial: string;
    runbook: string[];
    false_positives: string[];
    blind_spots: string[];
    references: string[];
    sample_why: string;
    sample: string;
    packs: string[];
    macros: ReadMacro[];
    lists: ReadList[];
    exceptions: DetectionException[];
    may_change: boolean;
}

export interface Activity {
    detection: string;
    last_run: number;
    runs: number;
    results: number;
    seconds: number;
    failed: number;
    cases: number;
    excused: number;
}

export interface Activities {
    since: number;
    detections: Activity[];
    has_log: boolean;
}

export interface DetectionPack {
    pack: string;
    title: string;
    about: string;
    detections: string[];
}

export interface AttackTechnique {
    technique: string;
    name: string;
    tactics: string[];
}

export interface ActionChoice {
    action: string;
    label: string;
}

export interface Detections {
    detections: DetectionRow[];
    packs: DetectionPack[];
    techniques: AttackTechnique[];
    actions: ActionChoice[];
    missing: string[];
    may_change: boolean;
}

export interface Refusal {
    detection: string;
    why: string;
}

export interface DetectionsChanged {
    changed: string[];
    unchanged: string[];
    refused: Refusal[];
}

export interface EventView {
    event: string;
    at: number;
    call: string;
    outcome: string;
    reason: string;
    user: string;
    user_arn: string;
    access_key_id: string;
    src_ip: string;
    account: string;
    region: string;
    resource: string;
    resource_type: string;
    record: string;
    case: string;
    may: string[];
}

export interface ExcusedCase {
    case: string;
    detection: string;
    title: string;
    severity: string;
    by: string;
    way: string;
    reason: string;
    owner: string;
    task: string;
    at: number;
    until: number;
}

export interface ExcusedCases {
    excuses: ExcusedCase[];
}

export interface HealthMember {
    server: string;
    level: string;
    seen_at: number;
    what: string;
    to_do: string;
}

export interface Said {
    check: string;
    level: string;
    what: string;
    to_do: string;
}

export interface Health {
    level: string;
    looked_at: number;
    members: HealthMember[];
    lines: Said[];
}

export interface ListFile {
    name: string;
    text: string;
}

export interface ListChange {
    what: string;
    line: number;
    before: Record<string, string>;
    after: Record<string, string>;
}

export interface ListProblem {
    line: number;
    problem: string;
}

export interface ListImport {
    added: number;
    changed: number;
    removed: number;
    unchanged: number;
    changes: ListChange[];
    problems: ListProblem[];
    wrong: number;
    digest: string;
    done: boolean;
}

export interface SilencedSearch {
    detection: string;
    title: string;
    spl: string;
    still: string;
}

export interface SilencedSearches {
    searches: SilencedSearch[];
}

export interface ListName {
    lookup: string;
    title: string;
}

export interface ListColumn {
    name: string;
    label: string;
    required: boolean;
}

export interface ListEntry {
    key: string;
    values: Record<string, string>;
    last_day: string;
    state: string;
}

export interface KeptList {
    lists: ListName[];
    lookup: string;
    title: string;
    effect: string;
    columns: ListColumn[];
    expires: boolean;
    entries: ListEntry[];
    count: number;
    soon: number;
    lapsed: number;
    page: number;
    more: boolean;
    may_edit: boolean;
    may_lift: boolean;
    silences: boolean;
}

export interface PipelineText {
    text: string[];
}

export interface PlaybookAccount {
    entry: string;
    accounts: string[];
    ceiling: string;
}

export interface PlaybookRow {
    playbook: string;
    title: string;
    does: string;
    accepts: string[];
    risk: string;
    risk_note: string;
    undoable: boolean;
    undo_note: string;
    ceiling: string;
    mode: string;
    settings: string[];
    detections: string[];
    own: boolean;
}

export interface Playbooks {
    default_mode: string;
    ceiling: string;
    kill_switch: boolean;
    max_changes_per_hour: number;
    accounts: PlaybookAccount[];
    playbooks: PlaybookRow[];
    may: string[];
}

export interface PolicyMode {
    playbook: string;
    mode: string;
}

export interface PolicyFile {
    file: string;
    format: string;
    role: string;
    text: string;
}

export interface Policies {
    playbooks: PolicyMode[];
    files: PolicyFile[];
}

export interface Readiness {
    account: string;
    entry: string;
    playbook: string;
    mode: string;
    status: string;
    missing: string[];
    note: string;
}

export interface Preflight {
    cells: Readiness[];
}

export interface RemediationPreview {
    case: string;
    playbook: string;
    title: string;
    message: string;
    status: string;
    changes: Change[];
    highest_mode: string;
    default_mode: string;
    unproved: string;
    contradicted: string;
}

export interface StartAccount {
    entry: string;
    accounts: string[];
    mode_ceiling: string;
    problem: string;
}

export interface StartTrial {
    name: string;
    url: string;
    by: string;
    at: number;
}

export interface StartSite {
    name: string;
    url: string;
    project: string;
    issue_type: string;
    fields: string;
    trial: StartTrial | null;
}

export interface StartWorkspace {
    name: string;
    channel: string;
    is_webhook: boolean;
    trial: StartTrial | null;
}

export interface StartDetection {
    detection: string;
    title: string;
    severity: string;
    runs_an_hour: number;
}

export interface StartPack {
    pack: string;
    title: string;
    about: string;
    detections: StartDetection[];
}

export interface StartResponse {
    severity: string;
    ticket: boolean;
    slack: boolean;
    remediation: string;
}

export interface StartChoice {
    revision: number;
    pack: string;
    site: string;
    project: string;
    issue_type: string;
    workspace: string;
    channel: string;
    responses: StartResponse[];
}

export interface StartChange {
    kind: string;
    name: string;
    state: string;
    note: string;
    by: string;
    at: number;
}

export interface StartCase {
    case: string;
    signature: string;
    severity: string;
    ticket: string;
    opened_at: number;
}

export interface Start {
    accounts: StartAccount[];
    sites: StartSite[];
    workspaces: StartWorkspace[];
    packs: StartPack[];
    choice: StartChoice;
    changes: StartChange[];
    first_case: StartCase | null;
    mode_ceiling: string;
    slack_manifest: string;
    is_cloud: boolean;
    may_change: boolean;
    may_arm: boolean;
}

export interface EstimatedDetection {
    detection: string;
    state: string;
    findings: Record<string, number>;
    cases: Record<string, number>;
    seconds: number;
    at: number;
    problem: string;
}

export interface StartEstimate {
    estimates: EstimatedDetection[];
}

export interface ProjectChoice {
    key: string;
    name: string;
}

export interface FieldChoice {
    id: string;
    name: string;
    options: string[];
}

export interface StartField {
    field: FieldChoice;
    is_filled: boolean;
}

export interface StartPriority {
    severity: string;
    priority: string;
}

export interface StartJira {
    projects: ProjectChoice[];
    project: string;
    issue_types: string[];
    issue_type: string;
    required: StartField[];
    priorities: string[];
    priority_by_severity: StartPriority[];
}

export interface SurveyedAccount {
    account: string;
    days: number;
    events: number;
    newest: number;
    entry: string;
}

export interface ProposedEntry {
    value: string;
    days: number;
    events: number;
    newest: number;
    is_listed: boolean;
}

export interface ProposedList {
    lookup: string;
    title: string;
    effect: string;
    basis: string;
    entries: ProposedEntry[];
}

export interface StartSurvey {
    began_at: number;
    days_done: number;
    days: number;
    with_events: number;
    cut: number;
    events: number;
    accounts: SurveyedAccount[];
    accounts_problem: string;
    silent: string[];
    lists: ProposedList[];
}

export interface UndoPreview {
    task: string;
    playbook: string;
    title: string;
    changes: Change[];
    drift: string[];
    refused: string;
    left: string;
}

/** What each endpoint answers. */
export interface Answers {
    actor: ActorView;
    approvals: WaitingApprovals;
    assignees: Assignees;
    case: CaseDetail;
    case_playbooks: PlaybookChoices;
    cases: Queue;
    change_limits: ChangeLimits;
    choices: Offered;
    detection: DetectionDetail;
    detection_activity: Activities;
    detections: Detections;
    detections_change: DetectionsChanged;
    event: EventView;
    excuses: ExcusedCases;
    health: Health;
    list_export: ListFile;
    list_import: ListImport;
    list_silenced: SilencedSearches;
    lists: KeptList;
    pipeline: PipelineText;
    playbooks: Playbooks;
    policies: Policies;
    preflight: Preflight;
    remediation_plan: RemediationPreview;
    start: Start;
    start_estimate: StartEstimate;
    start_jira: StartJira;
    start_survey: StartSurvey;
    undo_plan: UndoPreview;
}
