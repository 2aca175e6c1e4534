"""What a question's events say before its answer."""

from pydantic import BaseModel, ConfigDict, Field

from api.wire.parts import AN_ID
from api.wire.questions import LookedAtOut, SearchedOut


class SearchingOut(BaseModel):
    """What pages were searched for, and how many of them are looked at."""

    model_config = ConfigDict(frozen=True)

    job_id: str = Field(examples=[AN_ID])
    searched: SearchedOut
    to_look_at: int = Field(examples=[8], description="Pages that the model is asked about; 0 until they are found.")


class LookingOut(BaseModel):
    """The pages that came into a worker's hands since the event before."""

    model_config = ConfigDict(frozen=True)

    job_id: str = Field(examples=[AN_ID])
    looked_at: int = Field(examples=[3], description="Pages that came into a worker's hands so far.")
    to_look_at: int = Field(examples=[8])
    pages: list[LookedAtOut]
