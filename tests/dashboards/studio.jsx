/** A view of Dashboard Studio, drawn by Splunk's own packages as Splunk Web does. */
import React from 'react';
import { createRoot } from 'react-dom/client';
import { DashboardContextProvider } from '@splunk/dashboard-context';
import { DashboardCore } from '@splunk/dashboard-core';
import EnterpriseViewOnlyPreset from '@splunk/dashboard-presets/EnterpriseViewOnlyPreset';
import SplunkThemeProvider from '@splunk/themes/SplunkThemeProvider';

const { app, theme, definition } = JSON.parse(document.getElementById('drawn').textContent);
const made = JSON.parse(definition);
const container = window.__splunk_layout__.create({ pageTitle: made.title }).getContainerElement();

createRoot(container).render(
    <SplunkThemeProvider family="enterprise" colorScheme={theme} density="comfortable">
        <DashboardContextProvider preset={EnterpriseViewOnlyPreset} initialDefinition={made} dashboardMeta={{ app }}>
            <DashboardCore width="100%" height="auto" />
        </DashboardContextProvider>
    </SplunkThemeProvider>
);
