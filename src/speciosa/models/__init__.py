"""Named whole-body recipes: which stages, wired how, and how a person arrives at the study."""
