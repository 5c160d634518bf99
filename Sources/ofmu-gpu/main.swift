print("ofmu-gpu")
