"""How the flows run on Prefect: deployments, artifacts, supervision, and runs whose process has died.

The flows and the command line may import this package; it calls the steps, which know nothing of Prefect.
"""
