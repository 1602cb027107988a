"""An application asks models all day; developers try them in the console."""

from __future__ import annotations

from ..company import BROWSER, DEV, DEVELOPERS, OFFICE, person, role
from ..month import Month

MODELS = ("amazon.titan-text-lite-v1", "amazon.nova-pro-v1:0", "anthropic.claude-3-haiku-20240307-v1:0")


def happens(month: Month) -> None:
    for at in month.runs(30):
        month.call(at, role("assistant-fn", "assistant"), "bedrock:InvokeModel", {"modelId": MODELS[2]})
    for number, at in enumerate(month.runs(0.8, 9, 18, workdays=True)):
        who = person(DEVELOPERS[number % 5], "DeveloperAccess", DEV, console=True)
        month.steps(
            at,
            who,
            (
                ("bedrock:ListFoundationModels", {}),
                ("bedrock:GetUseCaseForModelAccess", {}),
                *(("bedrock:InvokeModelWithResponseStream", {"modelId": model}) for model in MODELS),
            ),
            ip=OFFICE,
            agent=BROWSER,
        )
    month.call(
        month.on(3, 11),
        person(DEVELOPERS[0], "DeveloperAccess", DEV, console=True),
        "bedrock:CreateFoundationModelAgreement",
        {"modelId": MODELS[1]},
        ip=OFFICE,
        agent=BROWSER,
    )
