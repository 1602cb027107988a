"""Data scientists: notebooks, training jobs, presigned links to their studio."""

from __future__ import annotations

from ..company import ANALYSTS, BROWSER, DEV, OFFICE, home, person, role
from ..month import Month


def happens(month: Month) -> None:
    for number, at in enumerate(month.runs(2, 8.5, 17, workdays=True)):
        name = ANALYSTS[number % 3]
        who = person(name, "DataScience", DEV, console=True)
        month.steps(
            at,
            who,
            (
                ("sagemaker:ListDomains", {}),
                ("sagemaker:CreatePresignedDomainUrl", {"domainId": "d-1", "userProfileName": name[:4]}),
                ("sagemaker:CreatePresignedNotebookInstanceUrl", {"notebookInstanceName": name[:4]}),
                *(
                    (
                        (
                            "sagemaker:CreateNotebookInstance",
                            {
                                "notebookInstanceName": f"{name[:4]}-{number}",
                                "instanceType": "ml.t3.medium",
                                "roleArn": f"arn:aws:iam::{DEV}:role/sagemaker-exec",
                            },
                        ),
                    )
                    if number % 9 == 0
                    else ()
                ),
            ),
            ip=home(name) if number % 4 == 2 else OFFICE,
            agent=BROWSER,
        )
        month.steps(
            at + 0.1,
            role("sagemaker-exec", "SageMaker", DEV),
            (
                (
                    "sagemaker:CreateTrainingJob",
                    {
                        "trainingJobName": f"train-{number}",
                        "roleArn": f"arn:aws:iam::{DEV}:role/sagemaker-exec",
                        "resourceConfig": {"instanceType": "ml.m5.xlarge"},
                    },
                ),
                ("sagemaker:DescribeTrainingJob", {}),
                ("ecr:BatchGetImage", {"repositoryName": "train"}),
            ),
            ip="198.51.100.90",
        )
        for part in range(10):
            month.data(
                at + 0.2,
                role("sagemaker-exec", "SageMaker", DEV),
                "s3:GetObject",
                {"bucketName": "features", "key": f"{number}/{part}"},
                ip="198.51.100.90",
            )
